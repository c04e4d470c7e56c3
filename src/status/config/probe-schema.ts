/** Probes that the configuration names, each kind with what it needs. */
import Type from 'typebox';
import { closed, componentKey, hostAndPort, httpUrl, name } from './schema-parts.ts';

const probeBase = {
  name: name('What the probe is called; unique.'),
  component: componentKey,
  everySeconds: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 86_400, description: 'Pause, if not `probing.everySeconds`.' }),
  ),
};
export const probeSchema = Type.Union([
  Type.Object(
    {
      kind: Type.Literal('http'),
      ...probeBase,
      url: httpUrl,
      method: Type.Optional(Type.Union([Type.Literal('GET'), Type.Literal('HEAD')])),
      headers: Type.Optional(Type.Record(Type.String(), Type.String())),
      status: Type.Optional(Type.Integer({ minimum: 100, maximum: 599 })),
      contains: Type.Optional(Type.String({ maxLength: 1_000 })),
    },
    closed,
  ),
  Type.Object(
    {
      kind: Type.Literal('redirects'),
      ...probeBase,
      url: httpUrl,
      hopsMax: Type.Optional(Type.Integer({ minimum: 0, maximum: 20 })),
    },
    closed,
  ),
  Type.Object({ kind: Type.Literal('tcp'), ...probeBase, address: hostAndPort }, closed),
  Type.Object(
    {
      kind: Type.Literal('tls'),
      ...probeBase,
      address: hostAndPort,
      serverName: Type.Optional(Type.String()),
      certificateFile: Type.Optional(Type.String()),
    },
    closed,
  ),
  Type.Object(
    {
      kind: Type.Literal('dns'),
      ...probeBase,
      host: Type.String({ minLength: 1, maxLength: 253 }),
      record: Type.Optional(
        Type.Union([Type.Literal('A'), Type.Literal('AAAA'), Type.Literal('CNAME'), Type.Literal('MX')]),
      ),
      expected: Type.Optional(Type.Array(Type.String(), { maxItems: 50 })),
      resolver: Type.Optional(Type.String()),
    },
    closed,
  ),
  Type.Object(
    { kind: Type.Literal('smtp'), ...probeBase, address: hostAndPort, startTls: Type.Optional(Type.Boolean()) },
    closed,
  ),
]);
export type ConfiguredProbe = Type.Static<typeof probeSchema>;
