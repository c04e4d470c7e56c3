/** The formula of uptime, and sums of stretches of time. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { lastDays, lastMonths } from '../../../src/status/history/periods.ts';
import {
  freeOf,
  majorOutageWeight,
  partialOutageWeight,
  type Stretch,
  sumPeriods,
  uptimeFormula,
  uptimeOf,
} from '../../../src/status/history/uptime.ts';
import { type ComponentStatus, componentStatuses } from '../../../src/status/model.ts';

const none = { upMs: 0, degradedMs: 0, partialMs: 0, downMs: 0 };

test('degraded is up, a partial outage weighs 0.3, a major one 1, and nothing measured is no uptime', () => {
  assert.equal(uptimeOf(none), undefined);
  assert.equal(uptimeOf({ ...none, degradedMs: 10 }), 1);
  assert.equal(uptimeOf({ ...none, partialMs: 10 }), 0.7);
  assert.equal(uptimeOf({ ...none, downMs: 10 }), 0);
  assert.equal(uptimeOf({ upMs: 50, degradedMs: 30, partialMs: 10, downMs: 10 }), 1 - 13 / 100);
});

test('the sentence on the page has the weights that are used', () => {
  assert.ok(uptimeFormula.includes(`${partialOutageWeight} × partial outage`));
  assert.ok(uptimeFormula.includes(`${majorOutageWeight.toFixed(1)} × major outage`));
  assert.match(uptimeFormula, /Maintenance, and time in which nothing was measured, are left out/);
});

test('months of any year begin where the last one ended', () => {
  const months = lastMonths(Date.parse('2028-03-31T23:59:59.999Z'), 50);
  assert.deepEqual([months[0]?.name, months.at(-2)?.name, months.at(-1)?.name], ['2024-02', '2028-02', '2028-03']);
  for (const [at, { from }] of months.entries()) if (at > 0) assert.equal(from, months[at - 1]?.until);
  const february = months.at(-2);
  assert.equal((february?.until ?? 0) - (february?.from ?? 0), 29 * 86_400_000);
});

const anyStretches = fc
  .array(fc.tuple(fc.nat(20_000_000), fc.nat(300_000_000), fc.constantFrom(...componentStatuses)), { maxLength: 40 })
  .map((given) => {
    const stretches: Stretch[] = [];
    let at = Date.parse('2026-02-20T00:00:00Z');
    for (const [pause, length, status] of given) {
      at += pause;
      stretches.push({ from: at, until: at + length, status: status as ComponentStatus });
      at += length;
    }
    return stretches;
  });

test('whatever happened, periods have each millisecond of it once', () => {
  fc.assert(
    fc.property(anyStretches, (stretches) => {
      const days = lastDays(Date.parse('2026-05-01T00:00:00Z'), 90);
      const sums = sumPeriods(days, stretches);
      const total = (status: ComponentStatus) =>
        stretches
          .filter((one) => one.status === status)
          .reduce(
            (sum, { from, until }) =>
              sum + Math.max(0, Math.min(until, days.at(-1)!.until) - Math.max(from, days[0]!.from)),
            0,
          );
      const summed = (name: keyof (typeof sums)[number]) => sums.reduce((sum, one) => sum + one[name], 0);
      assert.equal(summed('upMs'), total('operational'));
      assert.equal(summed('degradedMs'), total('degraded_performance'));
      assert.equal(summed('partialMs'), total('partial_outage'));
      assert.equal(summed('downMs'), total('major_outage'));
      assert.equal(summed('maintenanceMs'), total('under_maintenance'));
      for (const one of sums) {
        const all = one.upMs + one.degradedMs + one.partialMs + one.downMs + one.maintenanceMs;
        assert.ok(all <= 86_400_000);
        const uptime = uptimeOf(one);
        assert.ok(uptime === undefined || (uptime >= 0 && uptime <= 1));
      }
    }),
  );
});

test('what is free of others is all of the stretch that none of them has', () => {
  const anyRange = fc.tuple(fc.nat(60), fc.nat(20)).map(([from, length]) => ({ from, until: from + length }));
  fc.assert(
    fc.property(anyRange, fc.array(anyRange, { maxLength: 8 }), (wanted, others) => {
      const taken = others.toSorted((a, b) => a.from - b.from);
      const free = freeOf(wanted, taken);
      for (let at = 0; at < 90; at += 1) {
        const has = ({ from, until }: { from: number; until: number }) => at >= from && at < until;
        assert.equal(free.filter(has).length, has(wanted) && !taken.some(has) ? 1 : 0, String(at));
      }
    }),
  );
});
