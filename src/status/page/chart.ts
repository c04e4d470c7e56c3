/** Response times of a day as two lines, median and 95th percentile, on a scale from nought; where nothing was measured they break. */
import type { ResponsePoint } from '../model.ts';
import { html, type Markup } from './markup.ts';
import { clockText, dayMs, responseText } from './times.ts';

const width = 480;
const height = 96;
const stepMs = 300_000;

export interface ChartLook {
  /** Points that are drawn at most; neighbours are put together, the slowest of them standing for all. */
  readonly pointsMax: number;
}

/** @param points the oldest first; @returns undefined without any */
export function responseChart(points: readonly ResponsePoint[], until: number, look: ChartLook): Markup | undefined {
  const from = until - dayMs;
  const drawn = thin(
    points.filter(({ at }) => at >= from && at <= until),
    from,
    look.pointsMax,
  );
  if (drawn.length === 0) return undefined;
  const scaleMs = niceAbove(Math.max(...drawn.map(({ p95Ms }) => p95Ms)));
  const gapMs = Math.max(dayMs / look.pointsMax, stepMs) * 2.5;
  const line = (value: (point: ResponsePoint) => number) => path(drawn, from, gapMs, (point) => value(point) / scaleMs);
  return html`<figure class="chart">
<svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="${chartText(drawn)}"><path class="grid" d="M0 .5h${width}M0 ${height / 2}h${width}M0 ${height - 0.5}h${width}"/><path class="p95" d="${line(({ p95Ms }) => p95Ms)}"/><path class="p50" d="${line(({ p50Ms }) => p50Ms)}"/></svg>
<figcaption><span>0 to ${responseText(scaleMs)}</span><span>24 hours to ${clockText(until)} UTC</span></figcaption>
</figure>`;
}

/** What the chart shows, in a sentence. */
export function chartText(points: readonly ResponsePoint[]): string {
  const last = points.at(-1);
  if (last === undefined) return 'Nothing was measured in the last 24 hours.';
  const slowest = points.reduce((worst, point) => (point.p95Ms > worst.p95Ms ? point : worst));
  return `Response time in the last 24 hours: at ${clockText(last.at)} UTC the median was ${responseText(last.p50Ms)}, the 95th percentile ${responseText(last.p95Ms)}; slowest at ${clockText(slowest.at)} UTC with ${responseText(slowest.p95Ms)}.`;
}

function thin(points: readonly ResponsePoint[], from: number, most: number): readonly ResponsePoint[] {
  const slots = Map.groupBy(points, ({ at }) => Math.min(most - 1, Math.floor(((at - from) / dayMs) * most)));
  return [...slots.values()].map((slot) => ({
    at: slot.at(-1)!.at,
    p50Ms: Math.max(...slot.map(({ p50Ms }) => p50Ms)),
    p95Ms: Math.max(...slot.map(({ p95Ms }) => p95Ms)),
  }));
}

/** @param share 0 at the bottom, 1 at the top */
function path(points: readonly ResponsePoint[], from: number, gapMs: number, share: (point: ResponsePoint) => number) {
  let before: ResponsePoint | undefined;
  return points
    .map((point) => {
      const isBroken = before === undefined || point.at - before.at > gapMs;
      before = point;
      const x = Math.round(((point.at - from) / dayMs) * width);
      const y = Math.round((1 - share(point)) * (height - 2)) + 1;
      // A lone point is a dot: the line’s round end.
      return isBroken ? `M${x} ${y}h0` : `L${x} ${y}`;
    })
    .join('');
}

/** The next of 1, 2, 5, 10, 20, 50 … that is not below the value. */
function niceAbove(ms: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, ms)));
  return power * ([1, 2, 5, 10].find((step) => step * power >= ms) ?? 10);
}
