/**
 * Python core metadata as text: the METADATA of a wheel and the PKG-INFO of an sdist. The layout is what setuptools and
 * flit write (https://packaging.python.org/specifications/core-metadata/).
 */

/** What a Python package says about itself. */
export interface PythonPackage {
  /** As the author writes it, such as `Demo.Py`. */
  readonly name: string;
  readonly version: string;
  /** Metadata-Version; 2.1 in a wheel and 2.2 in an sdist when not given. */
  readonly metadataVersion?: string;
  readonly summary?: string;
  /** Markdown, written as the body. */
  readonly description?: string;
  readonly requiresPython?: string;
  /** Requirements, such as `requests>=2; extra == "web"`. */
  readonly requiresDist?: readonly string[];
  /** Any other header lines, in this order, such as `['Project-URL', 'Source, https://example.org']`. */
  readonly headers?: ReadonlyArray<readonly [name: string, value: string]>;
}

/** @returns the exact text of the metadata file. */
export function coreMetadata(described: PythonPackage, defaultMetadataVersion: string): string {
  const lines = [
    `Metadata-Version: ${described.metadataVersion ?? defaultMetadataVersion}`,
    `Name: ${described.name}`,
    `Version: ${described.version}`,
    `Summary: ${described.summary ?? `Test package ${described.name}`}`,
  ];
  for (const [name, value] of described.headers ?? []) lines.push(`${name}: ${value}`);
  if (described.requiresPython !== undefined) lines.push(`Requires-Python: ${described.requiresPython}`);
  for (const requirement of described.requiresDist ?? []) lines.push(`Requires-Dist: ${requirement}`);
  lines.push('Description-Content-Type: text/markdown');
  const body = described.description ?? `# ${described.name}\n\nA package made by the tests.\n`;
  return `${lines.join('\n')}\n\n${body}`;
}

/** @returns the name as it stands in file names: lower case, runs of `-`, `_` and `.` as one `_` (PEP 427, PEP 625). */
export function fileNamePart(name: string): string {
  return name.replace(/[-_.]+/g, '_').toLowerCase();
}

/** @returns the one module that every made Python package holds. */
export function moduleText(described: PythonPackage): string {
  return `"""Test package ${described.name}."""\n\n__version__ = "${described.version}"\n`;
}
