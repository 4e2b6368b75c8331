using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Keyladder.Hosting.Observability;
using Microsoft.Extensions.Logging;

namespace Keyladder.Hosting.Tls;

/// <summary>
/// The certificate and key that a service shows. Who renews them replaces the files; the next handshake finds them changed. Files that do not go together, which is what stands there
/// between the replacement of the one and of the other, change nothing: the pair from before stays in use.
/// </summary>
internal sealed class CertificateFiles(string certificatePath, string keyPath)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string AnyPurpose = "2.5.29.37.0";

    private readonly Lock reading = new();
    private (FileStamp?, FileStamp?) stamps = Stamps(certificatePath, keyPath);
    private SslStreamCertificateContext present = Load(certificatePath, keyPath);

    /// <summary>Of files that are good now, or were when they were last.</summary>
    public SslStreamCertificateContext Present(ILogger logger)
    {
        lock (reading)
        {
            var now = Stamps(certificatePath, keyPath);
            if (now == stamps)
                return present;
            stamps = now;
            try
            {
                present = Load(certificatePath, keyPath);
                Log.CertificateReplaced(logger, ValidUntil(present));
            }
            catch (StartupException)
            {
                Log.CertificateNotReplaced(logger, ValidUntil(present));
            }

            return present;
        }
    }

    private static (FileStamp?, FileStamp?) Stamps(string certificatePath, string keyPath) => (FileStamp.Of(certificatePath), FileStamp.Of(keyPath));

    private static DateOnly ValidUntil(SslStreamCertificateContext context) => DateOnly.FromDateTime(context.TargetCertificate.NotAfter.ToUniversalTime());

    private static SslStreamCertificateContext Load(string certificatePath, string keyPath)
    {
        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(keyPath) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0)
                throw new StartupException($"The key {keyPath} is open to everyone on this machine.", $"Run: chmod o= {keyPath}");

            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificatePath);
            var certificate = X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
            if (certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault() is { } usage
                && !usage.EnhancedKeyUsages.OfType<Oid>().Any(purpose => purpose.Value is ServerAuthentication or AnyPurpose))
                throw new StartupException($"The certificate {certificatePath} is not one for servers.", "Ask its authority for one with the extended key usage serverAuth.");

            // Offline: what a client needs of the chain stands in the file; nothing is fetched from addresses in certificates.
            return SslStreamCertificateContext.Create(certificate, chain, offline: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException(
                $"The certificate {certificatePath} or its key {keyPath} cannot be read.", "Check that both are there and that the service's user may read them.", exception);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new StartupException(
                $"The files {certificatePath} and {keyPath} are not a certificate and its key.", "Both must be PEM: the certificate first in its file, then its chain; the key without a passphrase.", exception);
        }
    }
}
