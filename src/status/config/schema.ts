/**
 * The status service's own configuration, as one schema: what may stand in its file, with defaults and meanings. Nothing here is
 * shared with the gallery's settings, because the service may run on another machine. docs/STATUS-CONFIGURATION.md is made from it.
 */
import Type from 'typebox';
import { channel, mail, onCall } from './on-call-schema.ts';
import { probeSchema } from './probe-schema.ts';
import { closed, componentKey, hostAndPort, httpUrl, name, seconds } from './schema-parts.ts';

export const ecosystems = ['python', 'nuget', 'powershell'] as const;
export type ProbedEcosystem = (typeof ecosystems)[number];

const gallery = Type.Object(
  {
    url: Type.String({
      default: '',
      maxLength: 2_000,
      description: 'Public address of the gallery. Empty: the one that this machine’s own gallery has.',
    }),
    tokenFile: Type.String({
      default: '',
      description:
        'File with the token that publishes canaries. Empty: `canary-token` in the data folder of this machine’s gallery.',
    }),
    edges: Type.Array(
      Type.Object(
        {
          name: name('What people call this edge.'),
          address: Type.String({ description: 'IP address that is connected to in place of what DNS says.' }),
          port: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 65_535, description: 'Its port, if not that of `gallery.url`.' }),
          ),
        },
        closed,
      ),
      { default: [], maxItems: 50, description: 'Addresses of edges, each probed under the gallery’s own name.' },
    ),
    families: Type.Array(Type.Union([Type.Literal(4), Type.Literal(6)]), {
      default: [],
      description: 'Address families to probe apart. Empty: each that the gallery’s name has an address of.',
    }),
    ecosystems: Type.Array(Type.Union([Type.Literal('python'), Type.Literal('nuget'), Type.Literal('powershell')]), {
      default: [...ecosystems],
      description: 'Ecosystems whose canaries are published and installed.',
    }),
    certificateFile: Type.Optional(
      Type.String({ description: 'The certificate that ought to be served (PEM); another serial number is an alarm.' }),
    ),
    caFile: Type.Optional(
      Type.String({ description: 'Certificates to believe beside the machine’s own (PEM), in every probe.' }),
    ),
  },
  { ...closed, default: {} },
);

const probing = Type.Object(
  {
    everySeconds: seconds(15, 'Pause between two runs of a probe.'),
    deadlineSeconds: seconds(10, 'How long one run may take.'),
    confirmSeconds: seconds(5, 'After a failure, the probe runs again so soon.'),
    failAfter: Type.Integer({
      minimum: 1,
      maximum: 100,
      default: 2,
      description: 'Failures in a row until it counts as down.',
    }),
    recoverAfter: Type.Integer({
      minimum: 1,
      maximum: 100,
      default: 2,
      description: 'Successes in a row until it counts as up.',
    }),
    jitter: Type.Number({
      minimum: 0,
      maximum: 0.5,
      default: 0.1,
      description: 'Share of the pause that is left to chance.',
    }),
    canaryEverySeconds: seconds(600, 'Pause between two new canary versions of an ecosystem.'),
    canaryVersionsMax: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      default: 200,
      description: 'Versions of one canary project.',
    }),
    canaryProjectsMax: Type.Integer({
      minimum: 1,
      maximum: 100,
      default: 2,
      description: 'Canary projects that are kept.',
    }),
    visibleWithinSeconds: seconds(60, 'How soon a published canary must be visible.'),
    staleSeconds: seconds(120, 'Without a result for so long, a probe’s state is unknown.'),
    ownNetwork: Type.Array(hostAndPort, {
      default: [],
      maxItems: 20,
      description:
        '`HOST:PORT` of others that are there when our own network is; when none answers, failures tell nothing.',
    }),
  },
  { ...closed, default: {} },
);

const heartbeat = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z0-9-]{1,60}$', description: 'Part of its address: `/heartbeats/NAME/TOKEN`.' }),
    everySeconds: seconds(86_400, 'How often it is to be heard.'),
    graceSeconds: seconds(3_600, 'How much later it may come.'),
    component: Type.Optional(componentKey),
    means: Type.String({ default: '', description: 'What it proves, for whoever is called.' }),
  },
  closed,
);

const metricRule = Type.Object(
  {
    name: name('What the alarm is called.'),
    metric: Type.String({ pattern: '^[a-zA-Z_:][a-zA-Z0-9_:]*$', description: 'Name in the gallery’s `/metrics`.' }),
    labels: Type.Record(Type.String(), Type.String(), { default: {}, description: 'Only series with these labels.' }),
    direction: Type.Union([Type.Literal('above'), Type.Literal('below')], { default: 'above' }),
    ticket: Type.Optional(Type.Number({ description: 'From this value on: a message to whoever looks after it.' })),
    page: Type.Optional(Type.Number({ description: 'From this value on: a call to whoever is on duty.' })),
    forSeconds: Type.Integer({ minimum: 0, maximum: 86_400, default: 0, description: 'How long it must be so.' }),
    unit: Type.String({ default: '', description: 'Shown behind values: `s`, `%`, `bytes`.' }),
    runbook: Type.Optional(Type.String({ description: 'Name of a runbook in docs/runbooks.' })),
  },
  closed,
);

const slo = Type.Object(
  {
    component: componentKey,
    objective: Type.Number({ minimum: 0.5, maximum: 0.99999, description: 'Share of events that ought to be good.' }),
    windowDays: Type.Integer({ minimum: 1, maximum: 90, default: 30 }),
    slowerThanMs: Type.Optional(Type.Integer({ minimum: 1, description: 'Slower than this counts as bad.' })),
    eventsMin: Type.Integer({ minimum: 1, default: 30, description: 'Fewer events in the long window alarm nobody.' }),
  },
  closed,
);

const s3Export = Type.Object(
  {
    kind: Type.Literal('s3'),
    endpoint: httpUrl,
    region: Type.String({ default: 'us-east-1' }),
    bucket: Type.String({ minLength: 3 }),
    prefix: Type.String({ default: '' }),
    accessKeyId: Type.String(),
    secretAccessKeyFile: Type.String(),
  },
  closed,
);
const folderExport = Type.Object({ kind: Type.Literal('folder'), folder: Type.String({ minLength: 1 }) }, closed);

const incidents = Type.Object(
  {
    isAutomatic: Type.Boolean({ default: true, description: 'Whether incidents open by themselves.' }),
    resolveAfterSeconds: seconds(300, 'How long all must be well until an incident that opened by itself is resolved.'),
    remindAfterSeconds: seconds(3_600, 'An open incident without an update for so long reminds its owner.'),
    templates: Type.Array(
      Type.Object(
        {
          name: name('What it is called.'),
          title: Type.String({ default: '' }),
          body: Type.String({ maxLength: 10_000 }),
        },
        closed,
      ),
      { default: [], maxItems: 100 },
    ),
  },
  { ...closed, default: {} },
);

export const statusSchema = Type.Object(
  {
    gallery,
    page: Type.Object(
      {
        name: Type.String({ default: 'Holdfast', minLength: 1, maxLength: 100 }),
        url: Type.String({
          default: '',
          maxLength: 2_000,
          description: 'Public address of the status page. Empty: `http://HOST:PORT` of the service.',
        }),
        timeZone: Type.String({ default: 'Etc/UTC' }),
      },
      { ...closed, default: {} },
    ),
    components: Type.Array(
      Type.Object(
        {
          key: componentKey,
          name: name('What it is called on the page.'),
          description: Type.Optional(Type.String({ maxLength: 500 })),
        },
        closed,
      ),
      { default: [], maxItems: 100, description: 'Other names for components, and components of your own probes.' },
    ),
    probing,
    probes: Type.Array(probeSchema, {
      default: [],
      maxItems: 200,
      description: 'Probes of your own, beside those of the gallery.',
    }),
    heartbeats: Type.Array(heartbeat, {
      default: [],
      maxItems: 100,
      description: 'Signs of life that others send us.',
    }),
    heartbeatsOut: Type.Array(Type.Object({ url: httpUrl, everySeconds: seconds(60, 'Pause between two.') }, closed), {
      default: [],
      maxItems: 10,
      description: 'Where we send our own sign of life, so that our silence is noticed outside.',
    }),
    metrics: Type.Array(metricRule, {
      default: [],
      maxItems: 200,
      description: 'Rules beside the built-in ones; one of the same name replaces it.',
    }),
    metricsEverySeconds: seconds(30, 'Pause between two readings of the gallery’s metrics.'),
    slos: Type.Array(slo, {
      default: [],
      maxItems: 50,
      description: 'Objectives beside the built-in ones; those of a component replace all that are built in for it.',
    }),
    mail: Type.Optional(mail),
    channels: Type.Array(channel, { default: [], maxItems: 100 }),
    onCall,
    incidents,
    subscribers: Type.Object(
      {
        isPrivateAllowed: Type.Boolean({
          default: false,
          description:
            'Whether webhooks of subscribers may lead into private networks. Only where everybody who can reach the page may also reach those.',
        }),
      },
      { ...closed, default: {} },
    ),
    exports: Type.Array(Type.Union([folderExport, s3Export]), {
      default: [],
      maxItems: 10,
      description: 'Where the page is also put as static files.',
    }),
  },
  closed,
);

/** The configuration in force, all defaults filled in. */
export type StatusConfig = Type.Static<typeof statusSchema>;
