/** Documents of a gallery that has gone mad: whatever they say, the gallery is at fault and never the probe that reads them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { wheelCanary } from '../../../src/status/canary/canary.ts';
import { clients } from '../../../src/status/canary/clients.ts';
import { InstallError, type Read } from '../../../src/status/canary/found.ts';
import { findInRegistration, findNupkg, readServiceIndex } from '../../../src/status/canary/nuget.ts';
import { entriesIn } from '../../../src/status/canary/nuget-v2.ts';
import { findWheel } from '../../../src/status/canary/python.ts';

const canary = wheelCanary({ name: 'holdfast-canary-python-1', version: '1.0.1' });
const root = 'http://127.0.0.1:1';
const odd = fc.oneof(
  fc.constantFrom(null, true, 0, '', '::', 'http://', 'https://[', [], {}, [null], 'x'.repeat(300), { sha256: null }),
  fc.jsonValue(),
);
/** A field that is as it ought to be, or anything else, or not there. */
const maybe = (good: unknown) => fc.oneof({ arbitrary: fc.constant(good), weight: 4 }, odd, fc.constant(undefined));

async function assertBlamesTheGallery(work: () => Promise<unknown>): Promise<void> {
  await work().catch((error: unknown) => assert.ok(error instanceof InstallError, String((error as Error).stack)));
}

const answering =
  (document: unknown): Read =>
  async () =>
    Buffer.from(JSON.stringify(document) ?? '');

test('a page of a Python project may say anything', async () => {
  const file = fc.record({
    filename: maybe(canary.filename),
    url: maybe('../f'),
    yanked: maybe(false),
    'core-metadata': maybe(true),
    'gpg-sig': maybe(false),
    provenance: maybe(null),
  });
  const page = fc.record({ files: fc.oneof({ arbitrary: fc.array(fc.oneof(file, odd)), weight: 9 }, odd) });
  const { pip } = clients;
  await fc.assert(
    fc.asyncProperty(fc.oneof(page, odd), (document) =>
      assertBlamesTheGallery(() => findWheel(answering(document), root, canary, pip)),
    ),
    { numRuns: 3_000 },
  );
});

test('a service index, a list of versions and a registration may say anything', async () => {
  const { dotnet } = clients;
  const types = ['PackageBaseAddress/3.0.0', 'RegistrationsBaseUrl/3.6.0', 'SearchQueryService'];
  const resource = fc.record({ '@id': maybe('/v3/x/'), '@type': fc.oneof(fc.constantFrom(...types), odd) });
  const entry = fc.record({ '@id': maybe('/v3/c'), version: maybe(canary.version), iconUrl: odd, listed: odd });
  const leaf = fc.record({
    '@id': maybe('/v3/l'),
    catalogEntry: fc.oneof({ arbitrary: entry, weight: 4 }, odd),
    packageContent: maybe('/v3/p'),
  });
  const whole = fc.record({
    resources: fc.oneof({ arbitrary: fc.array(fc.oneof({ arbitrary: resource, weight: 5 }, odd)), weight: 9 }, odd),
    versions: maybe([canary.version]),
    items: fc.array(fc.oneof(fc.record({ items: fc.array(fc.oneof(leaf, entry, odd)), '@id': maybe('/v3/q') }), odd)),
  });
  await fc.assert(
    fc.asyncProperty(fc.oneof(whole, odd), (document) =>
      assertBlamesTheGallery(async () => {
        const resources = await readServiceIndex(answering(document), root, dotnet);
        await findNupkg(answering(document), resources, canary, dotnet);
        await findInRegistration(answering(document), resources, canary, dotnet);
      }),
    ),
    { numRuns: 3_000 },
  );
});

test('an Atom feed may be any text', async () => {
  const pieces = ['<?xml version="1.0"?>', '<feed>', '</feed>', '<entry>', '</entry>', '<m:properties>', '<d:Version>'];
  const more = ['</d:Version>', '1.0.1', '&#x0;', '&lol;', '<!DOCTYPE a [<!ENTITY lol "x">]>', '<content src="::"/>'];
  const text = fc.array(fc.oneof(fc.constantFrom(...pieces, ...more), fc.string()), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(text, fc.boolean(), (parts, isXml) =>
      assertBlamesTheGallery(async () =>
        entriesIn(Buffer.from(`${isXml ? pieces[0] : ''}${parts.join('')}`), `${root}/x`),
      ),
    ),
    { numRuns: 3_000 },
  );
});
