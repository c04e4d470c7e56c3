/** The fields around an upload: what is understood, what is refused, in which order, and in which words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digests } from '../../src/documents/package-view.ts';
import { checkDigests, checkFormAgainst, readUploadForm, type UploadForm } from '../../src/protocols/pypi/form.ts';
import { fileExistsSentence, filenameHeldSentence, uploadAnswerStatus } from '../../src/protocols/pypi/wording.ts';
import { isRefusal, type RefusalCode, refusals, refuse } from '../../src/std/refusals.ts';
import type { Candidate } from '../../src/validate/candidate.ts';

const digests: Digests = {
  sha256: 'a1'.repeat(32),
  sha512: 'b2'.repeat(64),
  blake2b256: 'c3'.repeat(32),
  md5: 'd4'.repeat(16),
  sha1: 'e5'.repeat(20),
};

const wheelFields: Record<string, string | string[]> = {
  ':action': 'file_upload',
  protocol_version: '1',
  filetype: 'bdist_wheel',
  pyversion: 'py3',
  metadata_version: '2.4',
  name: 'Foo.Bar',
  version: '1.0',
  sha256_digest: digests.sha256,
  md5_digest: digests.md5,
  blake2_256_digest: digests.blake2b256,
  classifiers: ['Private :: Do Not Upload', 'Programming Language :: Python'],
};

/** The fields of a wheel with some replaced; undefined takes a field out. */
function read(changes: Record<string, string | string[] | undefined> = {}): ReturnType<typeof readUploadForm> {
  const fields = new Map<string, string[]>();
  for (const [field, value] of Object.entries({ ...wheelFields, ...changes })) {
    if (value !== undefined) fields.set(field, typeof value === 'string' ? [value] : value);
  }
  return readUploadForm(fields);
}

function readGood(changes: Record<string, string | string[] | undefined> = {}): UploadForm {
  const form = read(changes);
  assert.ok(!isRefusal(form), isRefusal(form) ? form.message : '');
  return form;
}

function readBad(changes: Record<string, string | string[] | undefined>): { code: RefusalCode; message: string } {
  const form = read(changes);
  assert.ok(isRefusal(form), 'the form should be refused');
  return form;
}

test('the form of twine is read whole', () => {
  assert.deepEqual(readGood(), {
    name: 'Foo.Bar',
    version: '1.0',
    filetype: 'bdist_wheel',
    pyversion: 'py3',
    metadataVersion: '2.4',
    digests: { md5: digests.md5, sha256: digests.sha256, blake2b256: digests.blake2b256 },
    attestations: undefined,
  });
});

test('uv sends one digest only, and that is enough', () => {
  const form = readGood({ md5_digest: undefined, blake2_256_digest: undefined });
  assert.deepEqual(form.digests, { sha256: digests.sha256 });
});

test('an old client may send md5 only', () => {
  const form = readGood({ sha256_digest: undefined, blake2_256_digest: undefined });
  assert.deepEqual(form.digests, { md5: digests.md5 });
});

test('digests are read in either case', () => {
  assert.equal(readGood({ sha256_digest: digests.sha256.toUpperCase() }).digests.sha256, digests.sha256);
});

test('flit leaves pyversion out for a source archive', () => {
  assert.equal(readGood({ filetype: 'sdist', pyversion: undefined }).pyversion, 'source');
});

test('a form without protocol_version means the only version there is', () => {
  readGood({ protocol_version: undefined });
});

test('UNKNOWN means not sent', () => {
  assert.equal(readGood({ filetype: 'sdist', pyversion: 'UNKNOWN' }).pyversion, 'source');
  assert.equal(readBad({ name: 'UNKNOWN' }).code, 'form-incomplete');
  assert.equal(readGood({ name: ['UNKNOWN', 'demo'] }).name, 'demo');
});

test('fields that only repeat the archive are not looked at', () => {
  readGood({ requires_python: 'no specifier', summary: 'a\nb', platform: ['any', 'any'], provides_extras: ['x', 'y'] });
});

const refused: readonly (readonly [string, Record<string, string | string[] | undefined>, RefusalCode, RegExp])[] = [
  ['a form without an action is incomplete', { ':action': undefined }, 'form-incomplete', /':action'/],
  ['the action submit is gone', { ':action': 'submit' }, 'action-gone', /'submit' is no longer supported/],
  ['the action submit_pkg_info is gone', { ':action': 'submit_pkg_info' }, 'action-gone', /no longer supported/],
  ['the action doc_upload is gone', { ':action': 'doc_upload' }, 'action-gone', /no longer supported/],
  ['an unknown action is invalid', { ':action': 'fly' }, 'form-field-invalid', /'fly'/],
  ['another protocol version is unknown', { protocol_version: '2' }, 'form-field-invalid', /^Unknown protocol version/],
  ['a form without a file type is incomplete', { filetype: undefined }, 'form-incomplete', /'filetype'/],
  ['an egg is not taken', { filetype: 'bdist_egg' }, 'form-field-invalid', /'bdist_egg'/],
  ['a wheel needs its Python tag', { pyversion: undefined }, 'form-incomplete', /'pyversion'/],
  ['a source archive has no Python tag', { filetype: 'sdist', pyversion: 'py3' }, 'form-field-invalid', /'source'/],
  [
    'a form without any digest is incomplete',
    { sha256_digest: undefined, md5_digest: '', blake2_256_digest: 'UNKNOWN' },
    'form-incomplete',
    /sha256_digest/,
  ],
  ['a short sha256 is invalid', { sha256_digest: 'a1' }, 'form-field-invalid', /'sha256_digest' must be 64/],
  [
    'an md5 in base64 is invalid',
    { md5_digest: '1B2M2Y8AsgTpgAmY7PhCfg' },
    'form-field-invalid',
    /'md5_digest' must be 32/,
  ],
  [
    'a blake2 with a letter too many is invalid',
    { blake2_256_digest: 'g'.repeat(64) },
    'form-field-invalid',
    /64 hexa/,
  ],
  [
    'a form without a metadata version is incomplete',
    { metadata_version: '' },
    'form-incomplete',
    /'metadata_version'/,
  ],
  ['a metadata version is a number', { metadata_version: 'two' }, 'form-field-invalid', /'two'/],
  ['a form without a name is incomplete', { name: undefined }, 'form-incomplete', /'name'/],
  ['a name with a slash is invalid', { name: 'a/b' }, 'name-invalid', /'a\/b'/],
  ['a name with a line end is invalid', { name: 'demo\n' }, 'name-invalid', /'demo\?'/],
  ['a form without a version is incomplete', { version: undefined }, 'form-incomplete', /'version'/],
  ['a version outside PEP 440 is invalid', { version: 'final-2' }, 'version-invalid', /'final-2'/],
  ['a field sent twice has invalid data', { name: ['demo', 'demo'] }, 'form-field-invalid', /^'name' has invalid data/],
  [
    'a digest sent twice has invalid data',
    { md5_digest: [digests.md5, '0'] },
    'form-field-invalid',
    /has invalid data/,
  ],
];

for (const [sentence, changes, code, wording] of refused) {
  test(sentence, () => {
    const refusal = readBad(changes);
    assert.equal(refusal.code, code);
    assert.match(refusal.message, wording);
  });
}

test('of several faults the first in the order of PyPI is told', () => {
  const faults: Record<string, string> = {};
  const order = [
    ['version', '???', 'version-invalid'],
    ['name', '-', 'name-invalid'],
    ['metadata_version', 'x', "'x'"],
    ['sha256_digest', 'x', 'sha256_digest'],
    ['filetype', 'bdist_egg', 'bdist_egg'],
    ['protocol_version', '3', 'protocol version'],
    [':action', 'submit', 'action-gone'],
  ] as const;
  for (const [field, value, expected] of order) {
    faults[field] = value;
    const refusal = readBad(faults);
    assert.ok(`${refusal.code} ${refusal.message}`.includes(expected), `${refusal.message} should tell of ${expected}`);
  }
});

test('a refusal never carries raw foreign text into a reason phrase', () => {
  for (const field of ['name', 'version', 'filetype', ':action', 'metadata_version']) {
    const { message } = readBad({ [field]: `é\r\n\u{1f600}${'x'.repeat(5000)}` });
    assert.match(message, /^[\x20-\x7e]{1,300}$/);
  }
});

const candidate: Candidate = {
  ecosystem: 'python',
  name: 'foo_bar',
  normalizedName: 'foo-bar',
  version: '1.0',
  normalizedVersion: '1.0',
  sortKey: '',
  isPrerelease: false,
  kind: 'library',
  fileKind: 'wheel',
  filename: 'foo_bar-1.0-py3-none-any.whl',
  versionMetadata: {},
  fileMetadata: {},
  extracts: [],
};

test('a form that says the same in another spelling agrees with the archive', () => {
  assert.equal(checkFormAgainst(readGood(), candidate), undefined);
  assert.equal(checkFormAgainst(readGood({ name: 'FOO--bar', version: 'v1.0' }), candidate), undefined);
  const sdist: Candidate = { ...candidate, fileKind: 'sdist' };
  assert.equal(checkFormAgainst(readGood({ filetype: 'sdist', pyversion: 'source' }), sdist), undefined);
});

for (const field of ['sha256_digest', 'md5_digest', 'blake2_256_digest']) {
  test(`a ${field} of other bytes is a mismatch`, () => {
    const other = '0'.repeat(field === 'md5_digest' ? 32 : 64);
    const refusal = checkDigests(readGood({ [field]: other }), digests);
    assert.equal(refusal?.code, 'digest-mismatch');
    assert.match(refusal.message, new RegExp(field));
  });
}

for (const [what, changes, wording] of [
  ['name', { name: 'foo' }, /name 'foo', but the file 'foo_bar'/],
  ['version', { version: '1.1' }, /version '1.1', but the file '1.0'/],
  ['file type', { filetype: 'sdist', pyversion: 'source' }, /filetype sdist.*bdist_wheel/],
] as const) {
  test(`a ${what} that is not the archive's is a mismatch`, () => {
    const refusal = checkFormAgainst(readGood(changes), candidate);
    assert.equal(refusal?.code, 'metadata-mismatch');
    assert.match(refusal.message, wording);
  });
}

test('digests that agree are no mismatch, whichever of them were sent', () => {
  assert.equal(checkDigests(readGood(), digests), undefined);
  assert.equal(checkDigests(readGood({ md5_digest: undefined, blake2_256_digest: undefined }), digests), undefined);
});

for (const field of ['summary', 'description', 'license_expression', 'requires_python', 'attestations']) {
  test(`a form that has ${field} twice is refused`, () => {
    assert.match(readBad({ [field]: ['one', 'two'] }).message, new RegExp(`'${field}' has invalid data`));
    readGood({ [field]: 'one' });
  });
}

test('twine --skip-existing recognises a file that is here already', () => {
  const refusal = refuse('file-exists', fileExistsSentence('demo-1.0.tar.gz', digests.blake2b256));
  assert.equal(uploadAnswerStatus(refusal), 400);
  assert.match(refusal.message, /already exist/);
  assert.ok(
    refusal.message.startsWith(`File already exists ('demo-1.0.tar.gz', with blake2_256 hash '${digests.blake2b256}')`),
  );
});

test('the name of a deleted file is refused with 400 and is no file to skip', () => {
  const refusal = refuse('name-held', filenameHeldSentence('demo-1.0.tar.gz'));
  assert.equal(uploadAnswerStatus(refusal), 400);
  assert.match(refusal.message, /previously used by a file that has since been deleted/);
  assert.doesNotMatch(refusal.message, /already exist/);
});

test('every other refusal keeps the status of the table', () => {
  for (const code of Object.keys(refusals) as RefusalCode[]) {
    const expected = code === 'file-exists' || code === 'name-held' ? 400 : refusals[code].status;
    assert.equal(uploadAnswerStatus(refuse(code, 'No.')), expected, code);
  }
  assert.equal(uploadAnswerStatus(refuse('credentials-missing', 'No.')), 401);
  assert.equal(uploadAnswerStatus(refuse('credentials-invalid', 'No.')), 403);
});
