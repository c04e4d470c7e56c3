/** Advisories in the format of OSV, as databases export them, for tests. */

export interface OsvOptions {
  readonly id: string;
  readonly ecosystem?: string;
  readonly name?: string;
  /** Events of the one range. Default: everything before 1.1.0. */
  readonly events?: readonly Readonly<Record<string, string>>[];
  readonly versions?: readonly string[];
  readonly severity?: string;
  readonly modified?: string;
  /** More fields of the file, or others. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

export function osv(options: OsvOptions): Record<string, unknown> {
  const { id, ecosystem = 'NuGet', name = 'Demo.Lib', modified = '2026-01-01T00:00:00Z', versions } = options;
  const events = options.events ?? [{ introduced: '0' }, { fixed: '1.1.0' }];
  return {
    schema_version: '1.7.0',
    id,
    modified,
    published: '2025-12-01T00:00:00Z',
    aliases: ['CVE-2025-12345'],
    summary: `A hole in ${name}`,
    details: '# Details\n\nWhat it is about.\n',
    affected: [
      {
        package: { ecosystem, name, purl: `pkg:generic/${name}` },
        ...(events.length > 0 ? { ranges: [{ type: 'ECOSYSTEM', events }] } : {}),
        ...(versions === undefined ? {} : { versions }),
      },
    ],
    references: [{ type: 'WEB', url: `https://advisories.example.org/${id}` }],
    database_specific: { severity: options.severity ?? 'HIGH' },
    ...options.fields,
  };
}
