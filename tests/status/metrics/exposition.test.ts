/** The text format of metrics: what prom-client writes is read to the last digit, and what nobody writes is refused. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { ExpositionError, readExposition, samplesMax } from '../../../src/status/metrics/exposition.ts';

const value = fc.oneof(fc.double(), fc.constantFrom(0, -0, Infinity, -Infinity, NaN, 2 ** 63, 5e-324));
const labelValue = fc
  .oneof(fc.string({ unit: 'binary', maxLength: 20 }), fc.constantFrom('', '\\', '"', '\n', 'a="b",}', '\\n'))
  // A carriage return ends no line in the format, and prom-client writes it as it is; so do we read it, but not at a line's end.
  .map((text) => text.replaceAll('\r', ''));

test('every gauge that prom-client writes is read as it was', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(labelValue, labelValue, value), { maxLength: 20 }), async (series) => {
      const registry = new Registry();
      const gauge = new Gauge({
        name: 'a_gauge:x',
        help: 'two\nlines \\ "q"',
        labelNames: ['b', 'c'],
        registers: [registry],
      });
      const expected = new Map<string, number>();
      for (const [b, c, number] of series) {
        gauge.labels(b, c).set(number);
        expected.set(JSON.stringify([b, c]), number);
      }
      const read = readExposition(await registry.metrics());
      assert.deepEqual(
        new Map(read.map((sample) => [JSON.stringify([sample.labels.b, sample.labels.c]), sample.value + 0])),
        new Map([...expected].map(([key, number]) => [key, number + 0])),
      );
      for (const { name } of read) assert.equal(name, 'a_gauge:x');
    }),
  );
});

test('histograms and counters are read with all their lines', async () => {
  const registry = new Registry();
  const seconds = new Histogram({
    name: 'took_seconds',
    help: 'x',
    labelNames: ['route'],
    buckets: [0.1, 1],
    registers: [registry],
  });
  seconds.observe({ route: '/x' }, 0.5);
  new Counter({ name: 'plain_total', help: 'x', registers: [registry] }).inc(3);
  assert.deepEqual(readExposition(await registry.metrics()), [
    { name: 'took_seconds_bucket', labels: { le: '0.1', route: '/x' }, value: 0 },
    { name: 'took_seconds_bucket', labels: { le: '1', route: '/x' }, value: 1 },
    { name: 'took_seconds_bucket', labels: { le: '+Inf', route: '/x' }, value: 1 },
    { name: 'took_seconds_sum', labels: { route: '/x' }, value: 0.5 },
    { name: 'took_seconds_count', labels: { route: '/x' }, value: 1 },
    { name: 'plain_total', labels: {}, value: 3 },
  ]);
});

test('blanks, times, comments and a last comma are as the format allows', () => {
  assert.deepEqual(readExposition('# HELP x y\n\n  x \t{ a = "b" , } 1.5e3 1700000000000\r\nx 2\n'), [
    { name: 'x', labels: { a: 'b' }, value: 1_500 },
    { name: 'x', labels: {}, value: 2 },
  ]);
  assert.deepEqual(readExposition(''), []);
});

const refused = [
  'x',
  'x y',
  '1x 1',
  'x{a="b" 1',
  'x{a=b} 1',
  'x{a="b"c="d"} 1',
  'x{a="b",a="c"} 1',
  'x{a="\\x"} 1',
  'x{a="b} 1',
  'x 0x10',
  'x 1_000',
  'x 1 2 3',
  'x 1 soon',
  '{a="b"} 1',
  '<html>',
  `x{a="${'b'.repeat(2_000)}"} 1`,
  `${'x'.repeat(2_000)} 1`,
  `x{${Array.from({ length: 40 }, (_, index) => `a${index}="b"`).join(',')}} 1`,
  'x 1\n'.repeat(samplesMax + 1),
  ' '.repeat(5 * 1024 * 1024),
];

for (const text of refused) {
  test(`refused whole: ${JSON.stringify(text.slice(0, 30))}`, () => {
    assert.throws(() => readExposition(`good 1\n${text}\n`), ExpositionError);
  });
}

test('a label that is called like something of every object is a label', () => {
  assert.deepEqual(Object.entries(readExposition('x{__proto__="a",constructor="b"} 1')[0]?.labels ?? {}), [
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ]);
});

test('whatever it is given, it answers or refuses, and quickly', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'x{}a="\\,\n 1e+#NIf\t'), maxLength: 200 }), (text) => {
      try {
        readExposition(text);
      } catch (error) {
        assert.ok(error instanceof ExpositionError);
      }
    }),
  );
});
