/**
 * How long requests took, by kind and status, in the buckets that OpenTelemetry gives for `http.server.request.duration`. Noted for every
 * request, so it is a look-up and two additions; how many series there can be is bounded here, whatever is asked for.
 */
import type { TimesFigure } from './figures.ts';

/** Upper bounds, in seconds (semantic conventions for HTTP metrics). */
export const requestBucketsSeconds = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
] as const;

export interface RequestTimes {
  /**
   * @param route kind of document or file, or `forward`, `redirect`, `other`; never a path
   * @param durationMs milliseconds
   */
  observe(route: string, status: number, durationMs: number): void;
  read(): TimesFigure[];
}

const seriesMax = 200;

interface Series {
  readonly route: string;
  readonly status: number;
  readonly counts: number[];
  sumMs: number;
}

/** @param role of the process, for the series' labels */
export function requestTimes(role: string): RequestTimes {
  const byRoute = new Map<string, Map<number, Series>>();
  let series = 0;

  function seriesOf(route: string, status: number): Series {
    const known = byRoute.get(route)?.get(status);
    if (known) return known;
    // What is beyond the limit is told under one name; there are 1000 statuses at most, and those are few in truth.
    if (series >= seriesMax && route !== 'other') return seriesOf('other', status);
    series += 1;
    const made: Series = { route, status, counts: new Array(requestBucketsSeconds.length + 1).fill(0), sumMs: 0 };
    const ofRoute = byRoute.get(route) ?? new Map<number, Series>();
    byRoute.set(route, ofRoute.set(status, made));
    return made;
  }

  return {
    observe(route, status, durationMs) {
      const found = seriesOf(route, status);
      let bucket = 0;
      while (bucket < requestBucketsSeconds.length && durationMs > (requestBucketsSeconds[bucket] ?? 0) * 1_000) {
        bucket += 1;
      }
      found.counts[bucket] = (found.counts[bucket] ?? 0) + 1;
      found.sumMs += durationMs;
    },
    read: () =>
      [...byRoute.values()].flatMap((ofRoute) =>
        [...ofRoute.values()].map(({ route, status, counts, sumMs }) => ({
          name: 'http_server_request_duration_seconds',
          labels: { role, http_route: route, http_response_status_code: String(status) },
          counts: [...counts],
          sumSeconds: sumMs / 1_000,
        })),
      ),
  };
}
