/** Attestations through a running gallery: sent with the upload, announced on every page, served, and gone with their version. */
import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import { startGallery, type TestGallery, waitFor } from '../gallery.ts';
import { attest, builtBy, makeSigner, statementAbout } from '../packages/attestations.ts';
import { makeSdist } from '../packages/sdist.ts';
import { makeWheel } from '../packages/wheel.ts';
import { callApi, type PythonFile, uploadPython } from './upload.ts';

const own = 'application/vnd.pypi.integrity.v1+json';

let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as TestContext);
});

/** Uploads as `twine upload --attestations` does: the form of any upload, and one field more. */
function uploadAttested(file: PythonFile, statement = statementAbout(file), feed?: string): Promise<Response> {
  const attestations = JSON.stringify([attest(makeSigner(), statement)]);
  return uploadPython(gallery, file, { fields: { attestations }, ...(feed === undefined ? {} : { feed }) });
}

async function filesOf(name: string, base = gallery.url): Promise<{ filename: string; provenance?: string }[]> {
  const headers = { Accept: 'application/vnd.pypi.simple.v1+json', Authorization: `Bearer ${gallery.token}` };
  const answer = await fetch(`${base}/simple/${name}/`, { headers });
  return ((await answer.json()) as { files: { filename: string; provenance?: string }[] }).files;
}

test('what vouches for a file is announced in JSON and in HTML, and served in both of its types', async () => {
  const sdist = await makeSdist({ name: 'Attested.Py', version: '1!1.0+local.1' });
  const wheel = await makeWheel({ name: 'Attested.Py', version: '1!1.0+local.1' });
  assert.equal((await uploadAttested(sdist)).status, 200);
  assert.equal((await uploadPython(gallery, wheel)).status, 200);
  const files = await filesOf('attested-py');
  const address = `${gallery.url}/integrity/attested-py/1%211.0%2Blocal.1/attested_py-1%211.0%2Blocal.1.tar.gz/provenance`;
  assert.equal(files.find(({ filename }) => filename === sdist.filename)?.provenance, address);
  assert.ok(!('provenance' in files.find(({ filename }) => filename === wheel.filename)!));
  const page = await (await fetch(`${gallery.url}/simple/attested-py/`)).text();
  assert.equal(page.match(/data-provenance="([^"]*)"/g)?.length, 1);
  assert.ok(page.includes(` data-provenance="${address}">${sdist.filename}</a>`));

  const answer = await fetch(address);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), own);
  assert.equal(answer.headers.get('vary'), 'Accept');
  assert.equal(answer.headers.get('access-control-allow-origin'), '*');
  const provenance = (await answer.json()) as { version: number; attestation_bundles: { publisher: object }[] };
  assert.equal(provenance.version, 1);
  assert.partialDeepStrictEqual(provenance.attestation_bundles[0]?.publisher, {
    kind: 'certificate',
    claims: { issuer: builtBy[8] },
    is_verified: false,
  });
  const plain = await fetch(address, { headers: { Accept: 'application/json' } });
  assert.equal(plain.headers.get('content-type'), 'application/json');
  assert.deepEqual(await plain.json(), provenance);
  const head = await fetch(address, { method: 'HEAD' });
  assert.equal(head.status, 200);
  const wrong = await fetch(address, { headers: { Accept: 'text/html' } });
  assert.equal(wrong.status, 406);
  assert.match(await wrong.text(), /no form of this/);
  const spelt = `${gallery.url}/integrity/Attested_Py/1%211.0%2Blocal.1/${sdist.filename.replace('+', '%2B')}/provenance`;
  assert.deepEqual(await (await fetch(spelt)).json(), provenance, 'another spelling of the name leads there');
});

test('a file without attestations has no provenance, and neither has one that does not exist', async () => {
  const wheel = await makeWheel({ name: 'unattested', version: '1.0' });
  assert.equal((await uploadPython(gallery, wheel)).status, 200);
  for (const path of [`unattested/1.0/${wheel.filename}`, 'nobody/1.0/nobody-1.0.tar.gz', 'unattested/1.0/x']) {
    assert.equal((await fetch(`${gallery.url}/integrity/${path}/provenance`)).status, 404, path);
  }
});

test('attestations that are not about the file are refused in the words of the public gallery, and nothing is published', async () => {
  const wheel = await makeWheel({ name: 'ill-attested', version: '1.0' });
  const other = await makeWheel({ name: 'ill-attested', version: '1.0', description: 'other bytes' });
  for (const [attestations, words] of [
    ['nonsense', /not a JSON list/],
    [JSON.stringify([attest(makeSigner(), statementAbout(other))]), /another SHA-256 digest/],
  ] as const) {
    const refused = await uploadPython(gallery, wheel, { fields: { attestations } });
    assert.equal(refused.status, 400);
    assert.match(refused.statusText, /^Invalid attestations supplied during upload: /);
    assert.match(await refused.text(), words);
  }
  assert.equal((await fetch(`${gallery.url}/simple/ill-attested/`)).status, 404);
  assert.equal((await uploadAttested(wheel)).status, 200);
});

test('the provenance of a private feed is as private as its files', async () => {
  await gallery.command('feed', 'create', 'team', '--private');
  const wheel = await makeWheel({ name: 'team-py', version: '1.0' });
  assert.equal((await uploadAttested(wheel, undefined, 'team')).status, 200);
  const [file] = await filesOf('team-py', `${gallery.url}/feeds/team`);
  const address = `${gallery.url}/feeds/team/integrity/team-py/1.0/${wheel.filename}/provenance`;
  assert.equal(file?.provenance, address);
  assert.equal((await fetch(address)).status, 401);
  assert.equal((await fetch(address, { headers: { Accept: 'text/html' } })).status, 401);
  const answer = await fetch(address, { headers: { Authorization: `Bearer ${gallery.token}` } });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('vary'), 'Accept, Authorization');
  assert.match(answer.headers.get('cache-control') ?? '', /^private/);
});

test('a file that is there already stays as it is, whatever is sent to vouch for it', async () => {
  const wheel = await makeWheel({ name: 'late-attested', version: '1.0' });
  assert.equal((await uploadPython(gallery, wheel)).status, 200);
  assert.equal((await uploadAttested(wheel)).status, 200);
  assert.ok(!('provenance' in (await filesOf('late-attested'))[0]!));
});

test('a version takes its provenance with it, and all that is left is as it ought to be', async () => {
  const wheel = await makeWheel({ name: 'doomed-attested', version: '1.0' });
  assert.equal((await uploadAttested(wheel)).status, 200);
  const { provenance = '' } = (await filesOf('doomed-attested'))[0]!;
  assert.equal((await fetch(provenance)).status, 200);
  assert.equal((await callApi(gallery, 'DELETE', '/api/feeds/main/python/doomed-attested/1.0')).status, 200);
  assert.equal((await fetch(provenance)).status, 404);
  await waitFor(async () => {
    const health = (await (await fetch(`${gallery.url}/api/health`)).json()) as Record<string, number>;
    return health.outstandingEvents === 0 && health.waitingJobs === 0;
  });
  const { exitCode, stdout } = await gallery.command('verify');
  assert.equal(exitCode, 0, stdout);
});
