/**
 * The upload forms of the clients, byte by byte as each sends them, to a running gallery. Each file in tests/protocols/upload-forms
 * says of which version of a client it is, where that was found, and whether the client was run or only its source read.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { before, type TestContext, test } from 'node:test';
import { blake2b } from 'hash-wasm';
import { ask, basic, type PlainAnswer } from '../clients/runners/publish.ts';
import { startGallery, type TestGallery } from '../gallery.ts';
import type { PythonPackage } from '../packages/core-metadata.ts';
import { makeSdist } from '../packages/sdist.ts';
import { makeWheel } from '../packages/wheel.ts';
import type { PythonFile } from '../publish/upload.ts';

type Field = readonly [name: string, value: string];

interface UploadForms {
  readonly client: string;
  readonly version: string;
  /** `run`: taken from the client's own requests; `read`: from its source. */
  readonly evidence: 'run' | 'read';
  readonly source: string;
  readonly note?: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The type that the part of the file has; null when it has none. */
  readonly fileContentType: string | null;
  /** How the client, or its user, knows that a file is there already. */
  readonly duplicate: {
    readonly statuses: readonly number[];
    readonly words: string;
    readonly readIn: readonly ('reason' | 'body' | 'code')[];
    /** Page that the client reads before it uploads. */
    readonly asksBefore?: string;
    readonly note: string;
  };
  readonly wheel: readonly Field[];
  readonly sdist: readonly Field[];
}

const folder = new URL('./upload-forms/', import.meta.url);
const files = readdirSync(folder).sort();
const description = '# Forms\n\nA line with --boundary in it,\r\n--and another kind of line end.\n';

let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as TestContext);
});

test('there is a form of every client that people publish with', () => {
  const clients = files.map((file) => readForms(file).client);
  assert.deepEqual([...new Set(clients)].sort(), ['flit', 'hatch', 'pdm', 'poetry', 'twine', 'uv']);
  for (const { evidence, source } of files.map(readForms)) {
    assert.ok(evidence === 'run' || evidence === 'read');
    assert.ok(source.length > 0);
  }
});

for (const file of files) {
  const forms = readForms(file);
  const name = `Demo_${file.replace(/\.json$/, '').replaceAll(/[^a-z0-9]/g, '-')}.Forms`;
  const normalizedName = name.toLowerCase().replaceAll(/[-_.]+/g, '-');

  test(`the forms of ${forms.client} ${forms.version} are accepted, for a wheel and for an sdist`, async () => {
    const wheel = await makeWheel(described(name));
    const sdist = await makeSdist(described(name));
    assert.equal((await send(forms, 'wheel', name, wheel)).status, 200);
    assert.equal((await send(forms, 'sdist', name, sdist)).status, 200);
    const answer = await ask(`${gallery.url}/pypi/${normalizedName}/json`);
    const { info, urls } = JSON.parse(answer.body.toString());
    assert.equal(info.name, name);
    assert.equal(info.description, description.replaceAll('\r\n', '\n'), 'as it stands in the file');
    assert.deepEqual(
      urls.map((one: { filename: string }) => one.filename).sort(),
      [wheel.filename, sdist.filename].sort(),
    );
    if (forms.duplicate.asksBefore === undefined) return;
    const page = await ask(`${gallery.url}/${forms.duplicate.asksBefore.replace('{normalizedName}', normalizedName)}`);
    assert.ok(page.body.toString().includes(`>${wheel.filename}</a>`));
  });

  test(`${forms.client} ${forms.version} understands that a file is there with other bytes`, async () => {
    const changed = { ...described(name), summary: 'Changed after the fact' };
    for (const kind of ['wheel', 'sdist'] as const) {
      const made = kind === 'wheel' ? await makeWheel(changed) : await makeSdist(changed);
      const answer = await send(forms, kind, name, made);
      assert.ok(forms.duplicate.statuses.includes(answer.status), `${answer.status} ${answer.reasonPhrase}`);
      for (const place of forms.duplicate.readIn) {
        assert.ok(textIn(answer, place).toLowerCase().includes(forms.duplicate.words), `${place} of ${kind}`);
      }
    }
  });
}

function readForms(file: string): UploadForms {
  return JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
}

function described(name: string): PythonPackage {
  return { name, version: '1.0.0', summary: 'Test of forms', description, requiresPython: '>=3.9' };
}

/** What uv shows is the key `code` of a JSON body. */
function textIn(answer: PlainAnswer, place: 'reason' | 'body' | 'code'): string {
  if (place === 'reason') return answer.reasonPhrase;
  return place === 'body' ? answer.body.toString() : JSON.parse(answer.body.toString()).code;
}

/** Sends one file with the client's fields in the client's order. */
async function send(forms: UploadForms, kind: 'wheel' | 'sdist', name: string, file: PythonFile): Promise<PlainAnswer> {
  const digest = (algorithm: string) => createHash(algorithm).update(file.bytes).digest('hex');
  const values: Record<string, string> = {
    name,
    safeName: name.replaceAll(/[^A-Za-z0-9.]+/g, '-'),
    version: '1.0.0',
    metadataVersion: kind === 'wheel' ? '2.1' : '2.2',
    summary: 'Test of forms',
    description,
    sha256: digest('sha256'),
    md5: digest('md5'),
    blake2b256: await blake2b(file.bytes, 256),
  };
  const boundary = createHash('md5').update(forms.client).digest('hex');
  const part = (head: string, body: string | Uint8Array) =>
    Buffer.concat([Buffer.from(`--${boundary}\r\n${head}\r\n\r\n`), Buffer.from(body), Buffer.from('\r\n')]);
  const parts = forms[kind].map(([field, value]) =>
    part(
      `Content-Disposition: form-data; name="${field}"`,
      value.replace(/^\{(\w+)\}$/, (_all, placeholder: string) => {
        assert.ok(placeholder in values, placeholder);
        return values[placeholder]!;
      }),
    ),
  );
  const type = forms.fileContentType === null ? '' : `\r\nContent-Type: ${forms.fileContentType}`;
  parts.push(part(`Content-Disposition: form-data; name="content"; filename="${file.filename}"${type}`, file.bytes));
  return ask(`${gallery.url}/legacy/`, {
    method: 'POST',
    headers: {
      ...forms.headers,
      Authorization: basic(gallery.token),
      'Content-Type': `multipart/form-data; boundary=${boundary}`,
    },
    body: Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]),
  });
}
