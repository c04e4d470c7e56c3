/** What a push is told when its package is taken with a remark: headers that NuGet's clients show as warnings. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startGallery } from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { pushNupkg } from '../publish/upload.ts';

async function remarksOf(t: TestContext, ...made: { readonly bytes: Buffer }[]): Promise<string | null> {
  const gallery = await startGallery(t);
  let remarks: string | null = null;
  for (const { bytes } of made) {
    const answer = await pushNupkg(gallery, bytes);
    assert.equal(answer.status, 201);
    remarks = answer.headers.get('x-nuget-warning');
  }
  return remarks;
}

test('a package with a readme and a licence expression is taken without a remark', async (t) => {
  const made = await makeNupkg({ id: 'Demo.Good', version: '1.0.0', readme: '# Demo', licenseExpression: 'MIT' });
  assert.equal(await remarksOf(t, made), null);
});

test('a package without a readme is taken, and told', async (t) => {
  const made = await makeNupkg({ id: 'Demo.Bare', version: '1.0.0' });
  assert.match((await remarksOf(t, made)) ?? '', /^The package has no readme;/);
});

test('a licence that is named by an address only is taken, and told', async (t) => {
  const metadataXml = '<licenseUrl>https://example.org/licence</licenseUrl>';
  const made = await makeNupkg({ id: 'Demo.Licence', version: '1.0.0', readme: '# Demo', metadataXml });
  assert.match((await remarksOf(t, made)) ?? '', /^The package names its licence by an address only/);
});
