using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Keyladder.Hosting.Observability;

/// <summary>
/// Metrics and traces of a process, sent to a collector by OTLP over HTTP. The platform's own instruments are used and not the instrumentation package, whose spans hold paths, addresses
/// and what the client says it is; and of every instrument and span only the attributes named here leave: whatever a later version of the platform adds stays inside.
/// </summary>
public sealed class Telemetry : IDisposable
{
    private static readonly string[] Meters = ["Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime", "Npgsql"];

    // Each has few values, all of them fixed by a program: names after the semantic conventions.
    private static readonly string[] Attributes =
    [
        "http.request.method", "http.response.status_code", "http.route", "url.scheme", "error.type",
        "network.protocol.name", "network.protocol.version", "network.transport", "network.type", "tls.protocol.version",
        "db.client.connection.state", "cpu.mode", "gc.heap.generation",
    ];

    private readonly MeterProvider metrics;
    private readonly TracerProvider traces;

    private Telemetry(MeterProvider metrics, TracerProvider traces) => (this.metrics, this.traces) = (metrics, traces);

    /// <param name="collector">Base address for OTLP over HTTP, such as http://127.0.0.1:4318</param>
    public static Telemetry Start(Uri collector)
    {
        ArgumentNullException.ThrowIfNull(collector);
        var version = typeof(Telemetry).Assembly.GetName().Version!.ToString(3);
        var resource = ResourceBuilder.CreateDefault().AddService("keyladder-server", serviceVersion: version);
        return new(
            Sdk.CreateMeterProviderBuilder()
                .SetResourceBuilder(resource)
                .AddMeter(Meters)
                .AddView(_ => new MetricStreamConfiguration { TagKeys = Attributes })
                .AddOtlpExporter(exporter => Send(exporter, collector, "v1/metrics"))
                .Build(),
            Sdk.CreateTracerProviderBuilder()
                .SetResourceBuilder(resource)
                .AddSource("Microsoft.AspNetCore")
                .AddProcessor(new NamedAttributesOnly())
                .AddOtlpExporter(exporter => Send(exporter, collector, "v1/traces"))
                .Build());
    }

    /// <summary>Sends what is still here.</summary>
    public void Dispose()
    {
        traces.Dispose();
        metrics.Dispose();
    }

    private static void Send(OtlpExporterOptions exporter, Uri collector, string signal) =>
        (exporter.Protocol, exporter.Endpoint) = (OtlpExportProtocol.HttpProtobuf, new Uri($"{collector.AbsoluteUri.TrimEnd('/')}/{signal}"));

    private sealed class NamedAttributesOnly : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data)
        {
            foreach (var (name, _) in data.TagObjects.Where(tag => !Attributes.Contains(tag.Key)).ToList())
                data.SetTag(name, null);
        }
    }
}
