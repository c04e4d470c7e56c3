/** Probes of a whole, healthy gallery: everything that its users do, at the one address that it has. */
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { startGallery, temporaryFolder } from '../../gallery.ts';
import { assertGood, assertSays, probing } from './probing.ts';

const ecosystems = ['python', 'nuget', 'powershell'] as const;

test('a healthy gallery is good in all that its users do, from the first start on', async (t) => {
  const gallery = await startGallery(t);
  const folder = await temporaryFolder(t);
  const tokenFile = join(folder, 'canary-token');
  const parts = probing(t);
  const probes = await parts.of({
    gallery: { url: gallery.url, tokenFile },
    probing: { canaryVersionsMax: 2, canaryProjectsMax: 1 },
  });
  assert.deepEqual(
    [...probes.ids].sort(),
    [
      ...ecosystems.flatMap((one) => [
        `install/${one}#install@IPv4`,
        `publish/${one}#canary@IPv4`,
        `publish/${one}#push@IPv4`,
      ]),
      'search/nuget#query@IPv4',
      'search/powershell#query@IPv4',
      'website#pages@IPv4',
    ].sort(),
  );
  for (const one of ecosystems) {
    assertSays(await probes.run(`install/${one}#install@IPv4`), 'unknown', /^no canary has been published yet/);
    assertSays(await probes.run(`publish/${one}#push@IPv4`), 'unknown', /^the token .* is not there yet$/);
    assertSays(await probes.run(`publish/${one}#canary@IPv4`), 'unknown', /^the token .* is not there yet$/);
  }
  copyFileSync(join(gallery.dataDir, 'canary-token'), tokenFile);
  for (const one of ecosystems) {
    assertGood(await probes.run(`publish/${one}#push@IPv4`));
    assertGood(await probes.run(`install/${one}#install@IPv4`));
    const { c: published } = parts.db.prepare('select count(*) as c from canaries where ecosystem = ?').get(one) as {
      c: number;
    };
    assert.equal(published, 1, 'the first canary was published by the push');
    assertGood(await probes.run(`publish/${one}#push@IPv4`));
    assertGood(await probes.run(`publish/${one}#push@IPv4`));
    for (let round = 0; round < 4; round += 1) {
      const result = await probes.run(`publish/${one}#canary@IPv4`);
      assertGood(result);
      const names = result.steps.map(({ name }) => name);
      for (const name of ['publish', 'visible', 'download', 'unlist', 'unlisted', 'reclaim']) {
        assert.ok(names.includes(name), `${name} is among ${names.join(', ')}`);
      }
    }
    const rows = parts.db
      .prepare('select project, version, state from canaries where ecosystem = ? order by id')
      .all(one) as { project: string; version: string; state: string }[];
    assert.deepEqual(
      rows.map(({ version, state }) => `${version} ${state}`),
      ['1.0.1 listed'],
      'the fifth version is the first of the third project, and one project is kept',
    );
    assert.match(rows[0]?.project ?? '', new RegExp(`^holdfast-canary-${one}-\\d{8}-\\d+$`));
    assertGood(await probes.run(`install/${one}#install@IPv4`));
  }
  for (const id of ['search/nuget#query@IPv4', 'search/powershell#query@IPv4', 'website#pages@IPv4']) {
    assertGood(await probes.run(id));
  }
});
