// Answers what NuGet.Versioning and .NET make of versions, ranges and ids. Arguments: a JSON file to read and one to write.
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NuGet.Versioning;

var input = JsonNode.Parse(File.ReadAllText(args[0]))!;
var texts = (string name) => input[name]!.AsArray().Select(node => node!.GetValue<string>()).ToArray();

// Clients read versions with a dot as the only separator, whatever the machine speaks.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

var parsed = texts("versions").Select(text => NuGetVersion.TryParse(text, out var version) ? version : null).ToArray();
var order = parsed.OfType<NuGetVersion>().OrderBy(version => version, VersionComparer.Default).ToArray();
var ranks = new Dictionary<NuGetVersion, int>(ReferenceEqualityComparer.Instance as IEqualityComparer<NuGetVersion>);
for (int index = 0, rank = 0; index < order.Length; index++)
{
    if (index > 0 && VersionComparer.Default.Compare(order[index - 1], order[index]) != 0) rank++;
    ranks[order[index]] = rank;
}

JsonNode? Version(NuGetVersion? version) => version is null ? null : new JsonObject
{
    ["normalized"] = version.ToNormalizedString(),
    ["metadata"] = version.Metadata ?? "",
    ["isPrerelease"] = version.IsPrerelease,
    ["isSemVer2"] = version.IsSemVer2,
    ["rank"] = ranks[version],
};

JsonNode? Range(string text) => !VersionRange.TryParse(text, allowFloating: false, out var range) ? null : new JsonObject
{
    ["normalized"] = range.ToNormalizedString(),
    ["isSemVer2"] = (range.MinVersion?.IsSemVer2 ?? false) || (range.MaxVersion?.IsSemVer2 ?? false),
};

// NuGet.Packaging's PackageIdValidator.
var idShape = new Regex(@"^\w+([.-]\w+)*$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture);

JsonNode Id(string text) => new JsonObject
{
    ["isValid"] = idShape.IsMatch(text) && !text.EndsWith('\n'),
    ["lower"] = text.ToLowerInvariant(),
};

File.WriteAllText(args[1], new JsonObject
{
    ["versions"] = new JsonArray(parsed.Select(Version).ToArray()),
    ["ranges"] = new JsonArray(texts("ranges").Select(Range).ToArray()),
    ["ids"] = new JsonArray(texts("ids").Select(Id).ToArray()),
}.ToJsonString());
