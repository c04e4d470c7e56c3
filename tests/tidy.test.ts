/**
 * The house rules as a test: which folder may import which, how long files are, what may be called where, what nothing uses,
 * and whether documents name only what exists.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import test from 'node:test';
import { projectFolder } from './gallery.ts';

const linesMax = 400;

/** What each folder of src/ may import, beyond itself. Files directly in src/ are listed by name. */
const importTable: Record<string, readonly string[]> = {
  std: [],
  identity: ['std'],
  // Of identities it needs the order of versions, and nothing else of packages.
  odata: ['std', 'identity'],
  config: ['std'],
  observe: ['std'],
  access: ['std'],
  blobs: ['std'],
  validate: ['std', 'identity'],
  // Which versions an advisory is about is a matter of version order.
  documents: ['std', 'blobs', 'identity', 'validate'],
  protocols: ['std', 'identity', 'odata', 'validate', 'documents'],
  // Reading needs no catalogue, no accounts, nothing that thinks.
  serve: ['std', 'access', 'blobs', 'documents', 'observe', 'protocols'],
  catalogue: ['std', 'access', 'blobs', 'documents', 'identity', 'validate'],
  render: ['std', 'access', 'blobs', 'catalogue', 'documents', 'protocols', 'gallery.ts'],
  accounts: ['std', 'access', 'blobs', 'catalogue', 'documents', 'render', 'validate', 'gallery.ts'],
  upload: ['std', 'access', 'blobs', 'documents', 'validate'],
  advisories: ['std', 'catalogue', 'documents', 'identity', 'render', 'upkeep', 'validate', 'gallery.ts'],
  // A note that a copy was verified is sealed with the installation's key.
  upkeep: [
    'std',
    'access',
    'accounts',
    'blobs',
    'catalogue',
    'config',
    'documents',
    'observe',
    'render',
    'search',
    'gallery.ts',
  ],
  metrics: ['std', 'observe', 'search', 'upkeep', 'gallery.ts'],
  import: [
    'std',
    'blobs',
    'catalogue',
    'documents',
    'protocols',
    'render',
    'upkeep',
    'upload',
    'validate',
    'gallery.ts',
    'publish-symbols.ts',
  ],
  jobs: ['std', 'catalogue', 'render', 'search', 'gallery.ts'],
  // Search keeps what the v2 protocol shows of a version, as that protocol makes it, and is asked its filters as trees.
  search: ['std', 'catalogue', 'documents', 'identity', 'observe', 'odata', 'protocols', 'validate', 'gallery.ts'],
  web: ['std', 'config', 'gallery.ts'],
  // Nothing of the gallery: the status service may run on another machine, and sees only the public address.
  status: ['std', 'config', 'observe'],
  api: [
    'std',
    'accounts',
    'advisories',
    'blobs',
    'catalogue',
    'documents',
    'identity',
    'metrics',
    'upload',
    'validate',
    'gallery.ts',
    'deprecate.ts',
    'listing.ts',
    'delete.ts',
    'package-status.ts',
  ],
  supervise: ['std', 'config', 'observe'],
  'gallery.ts': ['access', 'blobs', 'catalogue', 'config', 'observe', 'protocols', 'render', 'std', 'upkeep', 'upload'],
  'publish.ts': ['access', 'accounts', 'blobs', 'catalogue', 'std', 'upkeep', 'upload', 'validate', 'gallery.ts'],
  'publish-symbols.ts': [
    'access',
    'accounts',
    'blobs',
    'catalogue',
    'std',
    'upkeep',
    'upload',
    'validate',
    'gallery.ts',
  ],
  'listing.ts': ['accounts', 'catalogue', 'std', 'upkeep', 'validate', 'gallery.ts'],
  'delete.ts': ['accounts', 'catalogue', 'documents', 'render', 'std', 'upkeep', 'validate', 'gallery.ts'],
  'deprecate.ts': ['accounts', 'catalogue', 'documents', 'identity', 'render', 'std', 'upkeep', 'gallery.ts'],
  'package-status.ts': ['accounts', 'catalogue', 'documents', 'listing.ts', 'render', 'std', 'upkeep', 'gallery.ts'],
  'app.ts': [
    'access',
    'blobs',
    'catalogue',
    'config',
    'observe',
    'protocols',
    'render',
    'std',
    'upkeep',
    'upload',
    'gallery.ts',
  ],
  'main.ts': ['std', 'config', 'commands', 'drills', 'roles', 'status'],
};

/** Handlers of uploads and searches stand where their protocol stands, but work with the whole write side; nothing that serves imports them. */
const uploadHandler = /^src\/protocols\/[^/]+\/(upload|search(-answer)?)\.ts$/;
/** Composition: these put everything together. */
const composers = /^src\/(roles|commands|drills)\//;

/** Calls that belong to an adapter which tests replace, and the places that are such adapters or run outside of them. */
const bannedCalls: readonly { readonly call: RegExp; readonly allowed: RegExp }[] = [
  { call: /\bDate\.now\(/, allowed: /^src\/(std\/clock|drills\/)/ },
  { call: /\bMath\.random\(/, allowed: /^$/ },
  // A deadline on a socket or a stream that is really open is a timer of the machine's.
  {
    call: /(?<!\.)\bset(Timeout|Interval)\(/,
    allowed:
      /^src\/(std\/clock|observe\/access-log|serve\/forward|upload\/receive|supervise\/supervisor|roles\/drain|drills\/|status\/(probes|channels)\/)/,
  },
  {
    call: /from 'node:fs(\/promises)?'/,
    allowed:
      /^src\/(std\/disk|access\/installation-key|accounts\/found|app|catalogue\/(database|rebuild-catalogue)|config\/load|commands\/|drills\/|import\/|main|observe\/access-log|roles\/|search\/file|status\/(config|database|export|probes|channels|operator|heartbeats\/installation-secret)|supervise\/|upkeep\/clean-up|upload\/receive|validate\/)/,
  },
];

function filesBelow(folder: string, ending: string): string[] {
  const found = readdirSync(join(projectFolder, folder), { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => relative(projectFolder, join(entry.parentPath, entry.name)))
    .sort();
}

const read = (file: string) => readFileSync(join(projectFolder, file), 'utf8');

const sources = filesBelow('src', '.ts');

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isType: boolean;
}

function importsOf(file: string): Import[] {
  const text = read(file);
  const found = text.matchAll(/(?:^|\n)\s*(import|export)(\s+type)?\s[^;]*?from\s+'(\.[^']+)'|import\('(\.[^']+)'\)/g);
  return [...found].map((match) => ({
    from: file,
    to: normalize(join(dirname(file), match[3] ?? match[4] ?? '')),
    isType: match[2] !== undefined,
  }));
}

/** `src/blobs/local.ts` → `blobs`; `src/publish.ts` → `publish.ts`. */
const unitOf = (file: string) => file.split('/')[1] ?? '';

test('folders import only what the import table allows', () => {
  const broken: string[] = [];
  for (const { from, to } of sources.flatMap(importsOf)) {
    if (composers.test(from) || uploadHandler.test(from) || unitOf(from) === unitOf(to)) continue;
    const allowed = importTable[unitOf(from)];
    assert.ok(allowed, `src/${unitOf(from)} has no row in the import table`);
    if (!allowed.includes(unitOf(to))) broken.push(`${from} → ${to}`);
  }
  assert.deepEqual(broken, []);
});

test('the benchmark imports the program, packages that tests make, and itself', () => {
  const broken = filesBelow('bench', '.ts')
    .flatMap(importsOf)
    .filter(({ to }) => !/^(bench|src|tests\/packages)\//.test(to))
    .map(({ from, to }) => `${from} → ${to}`);
  assert.deepEqual(broken, []);
});

test('protocols never import each other', () => {
  const broken = sources
    .flatMap(importsOf)
    .filter(({ from, to }) => /^src\/protocols\/[^/]+\//.test(from) && /^src\/protocols\/[^/]+\//.test(to))
    .filter(({ from, to }) => from.split('/')[2] !== to.split('/')[2]);
  assert.deepEqual(broken, []);
});

/** Every file that is loaded, directly or not, when the given one is; imports of types load nothing. */
function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const { to, isType } of importsOf(file)) if (!isType) loadedBy(to, seen);
  return seen;
}

test('a read worker loads no catalogue, no accounts and no database', () => {
  const loaded = loadedBy('src/roles/read.ts');
  assert.ok(loaded.has('src/serve/server.ts'), 'the walk must reach the server');
  assert.deepEqual(
    [...loaded].filter((file) => /^src\/(catalogue|accounts|render|upkeep)\//.test(file)),
    [],
  );
  for (const file of loaded) assert.doesNotMatch(read(file), /from '(node:sqlite|kysely|fastify)'/, file);
});

test('every source file is used', () => {
  const used = new Set<string>();
  const reach = (file: string) => {
    if (used.has(file)) return;
    used.add(file);
    for (const { to } of importsOf(file)) reach(to);
  };
  reach('src/main.ts');
  assert.deepEqual(
    sources.filter((file) => !used.has(file)),
    [],
  );
});

test('files are short enough to read', () => {
  const files = [...sources, ...['tests', 'scripts', 'bench'].flatMap((folder) => filesBelow(folder, '.ts'))];
  assert.deepEqual(
    files.filter((file) => read(file).split('\n').length > linesMax + 1),
    [],
  );
});

test('time, chance, timers and the file system are reached through their adapters only', () => {
  const broken = sources.flatMap((file) =>
    bannedCalls
      .filter(({ call, allowed }) => call.test(read(file)) && !allowed.test(file))
      .map(({ call }) => `${file}: ${call}`),
  );
  assert.deepEqual(broken, []);
});

test('folders are nouns of the field, and no drawer for odds and ends', () => {
  const files = [...sources, ...filesBelow('tests', '.ts'), ...filesBelow('bench', '.ts')];
  const folders = new Set(files.flatMap((file) => dirname(file).split('/')));
  assert.deepEqual(
    [...folders].filter((folder) => /^(utils?|helpers?|common|misc|lib|shared)$/.test(folder)),
    [],
  );
});

test('each module opens with what it is for', () => {
  const silent = [...sources, ...filesBelow('bench', '.ts')].filter((file) => !read(file).startsWith('/**'));
  assert.deepEqual(silent, []);
});

test('documents lead only to files that exist', () => {
  const documents = [
    ...filesBelow('docs', '.md'),
    ...filesBelow('src', '.md'),
    ...readdirSync(projectFolder).filter((name) => name.endsWith('.md')),
  ];
  const dead: string[] = [];
  for (const file of documents) {
    for (const [, target = ''] of read(file).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)) {
      if (!existsSync(join(projectFolder, dirname(file), target))) dead.push(`${file} → ${target}`);
    }
    for (const [, path = ''] of read(file).matchAll(/`((?:src|tests|docs|scripts|bench)\/[\w./-]+)`/g)) {
      if (!existsSync(join(projectFolder, path))) dead.push(`${file} → ${path}`);
    }
  }
  assert.deepEqual(dead, []);
});

test('comments lead only to files that exist', () => {
  const dead: string[] = [];
  for (const file of sources) {
    const comments = [...read(file).matchAll(/\/\*\*[\s\S]*?\*\/|\/\/ .*/g)].map(([text]) =>
      text.replaceAll(/\s+\* /g, ' '),
    );
    for (const [, path = ''] of comments.join('\n').matchAll(/(?<![\w/.])((?:[\w-]+\/)+[\w.-]+\.(?:ts|md))\b/g)) {
      const places = ['', 'src', dirname(file)].map((folder) => join(projectFolder, folder, path));
      if (!places.some((place) => existsSync(place))) dead.push(`${file} → ${path}`);
    }
  }
  assert.deepEqual(dead, []);
});
