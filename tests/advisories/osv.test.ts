/** What is read out of an OSV file: packages, intervals, severity, address; and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Advisory, advisoryBytesMax, readOsv, readOsvFile } from '../../src/advisories/osv.ts';
import { affectedBy, type OsvEvent } from '../../src/advisories/ranges.ts';
import { cvss3BaseScore, severityOf } from '../../src/advisories/severity.ts';
import { type AffectedRange, parseVersionOf, rangeTest } from '../../src/documents/affected.ts';
import type { AdvisoryContent } from '../../src/documents/package-view.ts';
import { isRefusal } from '../../src/std/refusals.ts';
import type { Ecosystem } from '../../src/validate/candidate.ts';
import { type OsvOptions, osv } from './osv-files.ts';

function read(value: unknown): Advisory {
  const advisory = readOsv(value);
  assert.ok(!isRefusal(advisory), isRefusal(advisory) ? advisory.message : '');
  return advisory;
}

function refusal(value: unknown): string {
  const advisory = readOsv(value);
  assert.ok(isRefusal(advisory), 'it was not refused');
  assert.equal(advisory.code, 'advisory-invalid');
  return advisory.message;
}

const contentOf = (advisory: Advisory, row = 0) => JSON.parse(advisory.rows[row]!.content) as AdvisoryContent;
const made = (options: Partial<OsvOptions> = {}) => osv({ id: 'TEST-1', ...options });

test('a file gives one row for each package of ours, with normalised names', () => {
  const affected = [
    ...['Demo.LIB', 'demo.lib'].map((name) => ({
      package: { ecosystem: 'NuGet', name },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: name === 'demo.lib' ? '2.0' : '0' }, { fixed: '3.0' }] }],
    })),
    { package: { ecosystem: 'PyPI', name: 'Demo_Py' }, versions: ['1.0', '1.0.0', '2.0rc1', '2004d-dirty'] },
    { package: { ecosystem: 'npm', name: 'demo' }, versions: ['1.0.0'] },
    { package: { ecosystem: 'NuGet:https://other.example', name: 'Demo' }, versions: ['1.0.0'] },
    { ranges: [{ type: 'GIT', repo: 'https://example.org', events: [{ introduced: '0' }] }] },
  ];
  const advisory = read(made({ fields: { affected } }));
  assert.deepEqual(
    advisory.rows.map((row) => `${row.ecosystem} ${row.normalized_name} ${row.severity}`),
    ['nupkg demo.lib 2', 'python demo-py 2'],
  );
  assert.deepEqual(contentOf(advisory, 0), {
    aliases: ['CVE-2025-12345'],
    summary: 'A hole in Demo.Lib',
    details: '',
    ranges: [
      { from: '', to: '3.0.0', includesTo: false },
      { from: '2.0.0', to: '3.0.0', includesTo: false },
    ],
    fixedIn: ['3.0.0'],
  });
  assert.deepEqual(contentOf(advisory, 1).ranges, [
    { from: '1.0.0', to: '1.0.0', includesTo: true },
    { from: '2.0rc1', to: '2.0rc1', includesTo: true },
  ]);
  assert.equal(contentOf(advisory, 1).details, '# Details\n\nWhat it is about.\n');
  assert.deepEqual(read(made({ ecosystem: 'npm' })).rows, []);
  assert.deepEqual(read(made({ fields: { withdrawn: '2026-02-01T00:00:00Z' } })).rows, []);
});

const range = (from: string, to: string, includesTo = false): AffectedRange => ({ from, to, includesTo });

test('events become intervals, in whatever order they stand', () => {
  const cases: [Record<string, string>[], AffectedRange[]][] = [
    [[{ introduced: '0' }], [range('', '')]],
    [[{ introduced: '0' }, { fixed: '1.0.2' }], [range('', '1.0.2')]],
    [[{ introduced: '1.0' }, { last_affected: '2' }], [range('1.0.0', '2.0.0', true)]],
    [
      [{ fixed: '3.2.5' }, { introduced: '1.0.0' }, { introduced: '3.0.0' }, { fixed: '1.0.2' }],
      [range('1.0.0', '1.0.2'), range('3.0.0', '3.2.5')],
    ],
    [
      [{ introduced: '1.0.0' }, { introduced: '1.5.0' }, { fixed: '2.0.0' }, { fixed: '3.0.0' }],
      [range('1.0.0', '2.0.0')],
    ],
    [[{ introduced: '1.0.0' }, { fixed: '1.0.0' }], []],
    [[{ introduced: '1.0.0' }, { last_affected: '1.0.0' }], [range('1.0.0', '1.0.0', true)]],
    [[{ introduced: '0' }, { limit: '2.0.0' }], [range('', '2.0.0')]],
    [[{ introduced: '0' }, { limit: '2.0.0' }, { limit: '*' }], [range('', '')]],
    [[{ introduced: '0' }, { last_affected: '2.0.0' }, { limit: '2.0.0' }], [range('', '2.0.0')]],
    [[{ introduced: '0' }, { fixed: '1.0.0' }, { introduced: '2.0.0' }, { limit: '1.5.0' }], [range('', '1.0.0')]],
    [[{ introduced: '1.0.0-alpha.2' }, { fixed: '1.0.0-alpha.10' }], [range('1.0.0-alpha.2', '1.0.0-alpha.10')]],
  ];
  for (const [events, expected] of cases) {
    const told = events.map((event): OsvEvent => {
      const [kind, version] = Object.entries(event)[0]!;
      return { kind: kind as OsvEvent['kind'], version };
    });
    assert.deepEqual(affectedBy('nupkg', [{ ranges: [told], versions: [] }]).ranges, expected, JSON.stringify(events));
  }
});

/** The evaluation of the schema, word for word: is a version affected by the events? */
function isVulnerable(ecosystem: Ecosystem, version: string, events: readonly OsvEvent[]): boolean {
  const keyOf = (text: string) => (text === '0' ? '' : parseVersionOf(ecosystem, text)!.sortKey);
  const key = parseVersionOf(ecosystem, version)!.sortKey;
  const limits = events.filter(({ kind }) => kind === 'limit');
  if (limits.length > 0 && !limits.some((limit) => limit.version === '*' || key < keyOf(limit.version))) return false;
  const rank = { introduced: 0, fixed: 1, last_affected: 1, limit: 2 };
  const sorted = [...events].sort((a, b) => {
    const [x, y] = [keyOf(a.version), keyOf(b.version)];
    return x < y ? -1 : x > y ? 1 : rank[a.kind] - rank[b.kind];
  });
  let vulnerable = false;
  for (const event of sorted) {
    if (event.kind === 'introduced' && key >= keyOf(event.version)) vulnerable = true;
    else if (event.kind === 'fixed' && key >= keyOf(event.version)) vulnerable = false;
    else if (event.kind === 'last_affected' && key > keyOf(event.version)) vulnerable = false;
  }
  return vulnerable;
}

test('intervals say of every version what the evaluation of the schema says', () => {
  let state = Number(process.env.HOLDFAST_SEED ?? 20_261_121);
  const chance = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
  const versions = {
    nupkg: [
      '0.0.0-alpha',
      '0.0.0',
      '0.9.0',
      '1.0.0-beta',
      '1.0.0',
      '1.0.1',
      '1.1.0',
      '1.10.0',
      '2.0.0',
      '2.0.0.1',
      '3.0.0',
    ],
    python: ['0.0.dev1', '0.0', '0.9', '1.0b1', '1.0', '1.0.post1', '1.1', '1.10', '2.0', '2.0+local', '1!0.1'],
  } as const;
  for (let round = 0; round < 3_000; round += 1) {
    const ecosystem = chance(2) === 0 ? 'nupkg' : 'python';
    const all = versions[ecosystem];
    const ending = chance(2) === 0 ? 'fixed' : 'last_affected';
    const events: OsvEvent[] = [{ kind: 'introduced', version: chance(2) === 0 ? '0' : all[chance(all.length)]! }];
    for (let more = chance(5); more > 0; more -= 1) {
      const kind = (['introduced', ending, ending, 'limit'] as const)[chance(4)]!;
      events.push({ kind, version: all[chance(all.length)]! });
    }
    // Both at one version is a contradiction that no order of events resolves.
    const spots = events
      .filter(({ kind }) => kind !== 'limit')
      .map(({ version }) => parseVersionOf(ecosystem, version)!.sortKey);
    if (new Set(spots).size < spots.length) continue;
    const isAffected = rangeTest(ecosystem, affectedBy(ecosystem, [{ ranges: [events], versions: [] }]).ranges);
    for (const version of all) {
      const expected = isVulnerable(ecosystem, version, events);
      const got = isAffected(parseVersionOf(ecosystem, version)!.sortKey);
      assert.equal(got, expected, `${version} with ${JSON.stringify(events)} (HOLDFAST_SEED, round ${round})`);
    }
  }
});

test('listed versions are kept where no range has them', () => {
  const versions = ['1.0.0', '1.0', '1.4.0', '0.9.0-rc.1', 'no version'];
  const told = read(made({ events: [{ introduced: '1.0.0' }, { fixed: '1.1.0' }], versions }));
  assert.deepEqual(contentOf(told).ranges, [
    range('1.0.0', '1.1.0'),
    range('0.9.0-rc.1', '0.9.0-rc.1', true),
    range('1.4.0', '1.4.0', true),
  ]);
});

test('severity comes from a word, else from a CVSS 3 vector, else it is assumed', () => {
  const score = (vector: string) => cvss3BaseScore(`CVSS:3.1/${vector}`);
  // Examples of the CVSS 3.1 examples document and of well-known vulnerabilities.
  assert.equal(score('AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H'), 9.8);
  assert.equal(score('AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H'), 10);
  assert.equal(score('AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N'), 6.1);
  assert.equal(score('AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N'), 6.4);
  assert.equal(score('AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N'), 3.1);
  assert.equal(score('AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N'), 7.5);
  assert.equal(score('AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H'), 7.8);
  assert.equal(score('AV:P/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N'), 0);
  assert.equal(cvss3BaseScore('CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:P/RL:O'), 9.8);
  for (const bad of [
    '',
    'CVSS:3.1/',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/C:H/I:H/A:H',
  ]) {
    assert.equal(cvss3BaseScore(bad), undefined, bad);
  }
  const scored = (vector: string) => severityOf('X-1', '', [{ type: 'CVSS_V3', score: `CVSS:3.1/${vector}` }]);
  assert.deepEqual(severityOf('X-1', 'low', [{ type: 'CVSS_V3', score: 'nonsense' }]), { step: 0, isKnown: true });
  assert.deepEqual(severityOf('X-1', 'Medium', []), { step: 1, isKnown: true });
  assert.deepEqual(scored('AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H'), { step: 3, isKnown: true });
  assert.deepEqual(scored('AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N'), { step: 0, isKnown: true });
  assert.deepEqual(severityOf('MAL-2026-1', '', []), { step: 3, isKnown: true });
  assert.deepEqual(severityOf('X-1', '', [{ type: 'CVSS_V4', score: 'CVSS:4.0/AV:N' }]), { step: 1, isKnown: false });
  const perPackage = [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }];
  const affected = [{ package: { ecosystem: 'NuGet', name: 'A' }, versions: ['1.0.0'], severity: perPackage }];
  const advisory = read(made({ fields: { affected, database_specific: undefined } }));
  assert.equal(advisory.rows[0]?.severity, 3n);
  assert.equal(read(made({ fields: { database_specific: {} } })).isSeverityKnown, false);
});

test('the address is a reference that names the advisory, the page of its database, or another reference', () => {
  const urlOf = (id: string, ...references: { type: string; url: string }[]) =>
    read(osv({ id, fields: { references } })).rows[0]?.url;
  const other = { type: 'ADVISORY', url: 'https://nvd.example.org/CVE-2025-12345' };
  assert.equal(urlOf('GHSA-x-y', other), 'https://github.com/advisories/GHSA-x-y');
  assert.equal(
    urlOf('GHSA-x-y', other, { type: 'WEB', url: 'https://example.org/ghsa-x-y' }),
    'https://example.org/ghsa-x-y',
  );
  assert.equal(urlOf('TEST-1', { type: 'WEB', url: 'https://example.org/a' }, other), other.url);
  assert.equal(
    urlOf('TEST-1', { type: 'WEB', url: 'javascript:alert(1)//TEST-1' }),
    'https://osv.dev/vulnerability/TEST-1',
  );
});

test('what cannot be understood is refused, with the reason', () => {
  const reasons: [unknown, RegExp][] = [
    [[], /must be a JSON object/],
    [made({ fields: { id: 'a b' } }), /its id/],
    [made({ modified: 'yesterday' }), /"modified" must be a time/],
    [made({ fields: { affected: {} } }), /"affected" must be a list/],
    [made({ name: 'no name' }), /"no name" can be no package's name/],
    [made({ events: [] }), /names no affected version of demo\.lib/],
    [made({ events: [{ introduced: '0' }, { fixed: 'soon' }] }), /"soon" is no version of NuGet/],
    [made({ ecosystem: 'PyPI', name: 'demo', events: [{ introduced: '1.0-x-y' }] }), /is no version of PyPI/],
    [made({ events: [{ introduced: '0', fixed: '1.0.0' }] }), /must have one of/],
    [made({ events: [{ fixed: '1.0.0' }] }), /no "introduced"/],
    [made({ events: [], versions: Array.from({ length: 20_001 }, (_, n) => `1.0.${n}`) }), /more than 20000 versions/],
    [made({ events: [], versions: Array.from({ length: 2_001 }, (_, n) => `1.0.${n}`) }), /more than 2000 ranges/],
    [made({ events: Array.from({ length: 2_001 }, (_, n) => ({ introduced: `1.0.${n}` })) }), /more than 2000 events/],
  ];
  for (const [value, reason] of reasons) assert.match(refusal(value), reason);
  const many = Array.from({ length: 1_001 }, (_, n) => ({
    package: { ecosystem: 'NuGet', name: `P${n}` },
    versions: ['1.0.0'],
  }));
  assert.match(refusal(made({ fields: { affected: many } })), /more than 1000 packages/);
  for (const [bytes, reason] of [
    [Buffer.from('{'), /no JSON/],
    [Buffer.from([0x22, 0xff, 0x22]), /no JSON in UTF-8/],
    [Buffer.alloc(advisoryBytesMax + 1), /larger than/],
  ] as const) {
    const answer = readOsvFile(bytes);
    assert.ok(isRefusal(answer));
    assert.match(answer.message, reason);
  }
});

test('long texts are cut', () => {
  const advisory = read(
    made({ ecosystem: 'PyPI', name: 'demo', fields: { summary: 'x'.repeat(5_000), details: '🐍'.repeat(50_000) } }),
  );
  const { summary, details } = contentOf(advisory);
  assert.equal(summary.length, 1_000);
  assert.equal(details.length, 32_768);
  assert.ok(details.isWellFormed());
});
