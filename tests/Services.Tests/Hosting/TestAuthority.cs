using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Services.Tests.Hosting;

/// <summary>A certificate authority of one test, and what it issues for 127.0.0.1.</summary>
internal sealed class TestAuthority : IDisposable
{
    private static readonly DateTimeOffset From = DateTimeOffset.UtcNow.AddHours(-1);

    private readonly X509Certificate2 root = Authority("root", null, From.AddDays(3));
    private readonly X509Certificate2 intermediate;

    public TestAuthority() => intermediate = Authority("intermediate", root, From.AddDays(2));

    /// <summary>Serial number of the newest certificate.</summary>
    public string Last { get; private set; } = "";

    /// <summary>What a process must trust.</summary>
    public string RootPem => root.ExportCertificatePem();

    public X509ChainPolicy Policy
    {
        get
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
            policy.CustomTrustStore.Add(root);
            return policy;
        }
    }

    public Issued Issue(bool throughIntermediate = false, bool forClients = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=keystore", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(forClients ? "1.3.6.1.5.5.7.3.2" : "1.3.6.1.5.5.7.3.1")], critical: false));
        using var certificate = request.Create(throughIntermediate ? intermediate : root, From, From.AddDays(1), RandomNumberGenerator.GetBytes(8));
        Last = certificate.SerialNumber;
        return new Issued(certificate.ExportCertificatePem() + (throughIntermediate ? $"\n{intermediate.ExportCertificatePem()}" : ""), key.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose()
    {
        intermediate.Dispose();
        root.Dispose();
    }

    private static X509Certificate2 Authority(string name, X509Certificate2? issuer, DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=Keyladder test {name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        if (issuer is null)
            return request.CreateSelfSigned(From, until);
        using var certificate = request.Create(issuer, From, until, RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }
}

internal sealed record Issued(string CertificatePem, string KeyPem)
{
    /// <summary>As a renewal does it: a file for its owner, moved to its place.</summary>
    public void WriteTo(string certificate, string key)
    {
        foreach (var (path, text) in new[] { (certificate, CertificatePem), (key, KeyPem) })
        {
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var file = new StreamWriter($"{path}.tmp", options))
                file.Write(text);
            File.Move($"{path}.tmp", path, overwrite: true);
        }
    }
}
