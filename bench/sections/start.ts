/** From `./holdfast serve` to the first document, and memory, with few packages and with many. */
import type { RunningGallery } from '../../src/drills/running-gallery.ts';
import { figure, median, quantile, spread } from '../figures.ts';
import { generatedGallery } from '../galleries.ts';
import { defaultSeed, generatedPackage } from '../generate.ts';
import { get } from '../load/compare.ts';
import { runAsker, runPublisher } from '../load/process.ts';
import type { BenchContext, SectionResult } from '../section.ts';
import { pause } from '../servers/child.ts';
import { galleryOn, memoryOf, running } from '../servers/gallery.ts';

const goalMs = 500;
const requestsOfWhole = 1_000;
/** How long a gallery is left alone before its memory is measured, and before its first end, in milliseconds. */
const settleMsOfWhole = 2_000;
const firstMsMax = 60_000;
const publishes = 20;

export const title = 'Start, memory and growth';
export const needs: readonly string[] = [];

interface Started {
  readonly packages: number;
  readonly firstMs: number[];
  readonly writingMs: number[];
  /** Of each role, in bytes. */
  readonly fresh: Map<string, number>;
  readonly used: Map<string, number>;
  readonly publishMs: readonly number[];
  readonly requestMs: readonly number[];
}

const settleMs = ({ sizes }: BenchContext) => (sizes.isWhole ? settleMsOfWhole : 0);
const requests = ({ sizes }: BenchContext) => (sizes.isWhole ? requestsOfWhole : 10);

export async function measure(context: BenchContext): Promise<SectionResult> {
  const all: Started[] = [];
  for (const packages of context.sizes.packages) all.push(await startOften(context, packages));
  const many = all.at(-1) as Started;
  const label = ({ packages }: Started) => `${packages.toLocaleString('en')} packages`;
  const roles = [...many.fresh.keys()].sort();
  const megabytes = (bytes: number | undefined) => figure((bytes ?? Number.NaN) / 1e6);
  return {
    tables: [
      {
        title: 'From the command to the first document, in milliseconds',
        columns: ['', 'first document', 'publishing works'],
        rows: all.map((one) => [label(one), spread(one.firstMs), spread(one.writingMs)]),
      },
      {
        title: `Memory of each process, in MB: after the start, and after ${requests(context).toLocaleString('en')} requests for different packages`,
        columns: ['', ...roles],
        rows: all.map((one) => [
          label(one),
          ...roles.map((role) => `${megabytes(one.fresh.get(role))} → ${megabytes(one.used.get(role))}`),
        ]),
      },
      {
        title: 'Growth: the same work in a small and in a large gallery, in milliseconds',
        columns: ['', 'document that nobody asked for yet: p50', 'p99', 'publish of a new .nupkg, alone: p50', 'p95'],
        rows: all.map((one) => [
          label(one),
          figure(median(one.requestMs)),
          figure(quantile(one.requestMs, 0.99)),
          figure(median(one.publishMs)),
          figure(quantile(one.publishMs, 0.95)),
        ]),
      },
    ],
    goals: [
      {
        what: `first document after a start, ${label(many)}`,
        goal: `< ${goalMs} ms`,
        measured: `${figure(median(many.firstMs))} ms`,
        isMet: median(many.firstMs) < goalMs,
      },
    ],
    notes: ['Files were in the memory of the system, as after a restart of the program, not of the machine.'],
  };
}

async function startOften(context: BenchContext, packages: number): Promise<Started> {
  const dataDir = await generatedGallery(context, packages);
  const firstMs: number[] = [];
  const writingMs: number[] = [];
  const gallery = await galleryOn(context, dataDir);
  // Compiled code is kept from an earlier start, as on any machine where the gallery ran before.
  await running(gallery);
  await pause(settleMs(context));
  await gallery.stop();
  for (let start = 1; start <= context.sizes.starts; start += 1) {
    context.say(`start ${start} of ${context.sizes.starts} with ${packages} packages`);
    const startedAt = performance.now();
    gallery.start();
    await untilFirst(gallery, packages);
    firstMs.push(performance.now() - startedAt);
    await gallery.untilWriting(firstMsMax);
    writingMs.push(performance.now() - startedAt);
    if (start < context.sizes.starts) await gallery.stop();
  }
  await pause(settleMs(context));
  const fresh = memoryOf(gallery);
  const requestMs = await readMany(gallery.url, packages, requests(context));
  const used = memoryOf(gallery);
  const prefix = `Grown.At${Date.now()}`;
  const order = { url: gallery.url, token: gallery.token, kind: 'nupkg', prefix, atOnce: 1 } as const;
  const { latenciesMs } = await runPublisher({ ...order, count: Math.min(publishes, packages) });
  await gallery.stop();
  return { packages, firstMs, writingMs, fresh, used, publishMs: latenciesMs, requestMs };
}

/** The document that an installer of this generated package asks for first. */
function addressOf(number: number): string {
  const { ecosystem, name } = generatedPackage(defaultSeed, number);
  return ecosystem === 'python' ? `/simple/${name}/` : `/v3/registration-semver2/${name.toLowerCase()}/index.json`;
}

async function untilFirst(gallery: RunningGallery, packages: number): Promise<void> {
  const until = performance.now() + firstMsMax;
  while (performance.now() < until) {
    const answer = await get(`${gallery.url}${addressOf(packages - 1)}`).catch(() => undefined);
    if (answer?.status === 200) return;
    await pause(2);
  }
  throw new Error(`no document within ${firstMsMax} ms: ${gallery.output}`);
}

/** Documents of packages all over the gallery, over one kept connection. @returns how long each took, in milliseconds */
async function readMany(url: string, packages: number, count: number): Promise<readonly number[]> {
  const paths = Array.from({ length: count }, (_, at) => addressOf((at * 7_919) % packages));
  const { latenciesMs, refused } = await runAsker({ url, paths, atOnce: 1 });
  if (refused > 0) throw new Error('a read worker refused a document');
  return latenciesMs;
}
