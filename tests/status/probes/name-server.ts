/** A real name server for a test, over UDP (RFC 1035): answers one question a packet, from a table. */
import { createSocket } from 'node:dgram';
import type { TestContext } from 'node:test';

const types = { A: 1, CNAME: 5, MX: 15, AAAA: 28 } as const;

export interface NameServer {
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  /** `A gallery.test` → values. */
  readonly records: Map<string, readonly string[]>;
  /** What it answers instead: RCODE 2, 5; or nothing at all. */
  trouble: 'none' | 'fails' | 'refuses' | 'silent';
}

export async function startNameServer(t: TestContext): Promise<NameServer> {
  const socket = createSocket('udp4');
  const server = { records: new Map(), trouble: 'none' } as unknown as NameServer & { address: string };
  socket.on('message', (question, from) => {
    if (server.trouble !== 'silent') socket.send(answerTo(question, server), from.port, from.address);
  });
  await new Promise<void>((bound) => socket.bind(0, '127.0.0.1', bound));
  t.after(() => socket.close());
  server.address = `127.0.0.1:${socket.address().port}`;
  return server;
}

function answerTo(question: Buffer, { records, trouble }: NameServer): Buffer {
  const labels: string[] = [];
  let at = 12;
  for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
    labels.push(question.toString('ascii', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const asked = question.subarray(12, at + 5);
  const number = question.readUInt16BE(at + 1);
  const type = Object.entries(types).find(([, value]) => value === number)?.[0] ?? '';
  const name = labels.join('.').toLowerCase();
  const values = records.get(`${type} ${name}`) ?? [];
  const isKnown = [...records.keys()].some((key) => key.endsWith(` ${name}`));
  const code = trouble === 'fails' ? 2 : trouble === 'refuses' ? 5 : isKnown ? 0 : 3;
  const answers = code === 0 ? values.map((value) => recordOf(number, dataOf(type, value))) : [];
  const head = Buffer.alloc(12);
  question.copy(head, 0, 0, 2);
  head.writeUInt16BE(0x8180 | code, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(answers.length, 6);
  return Buffer.concat([head, asked, ...answers]);
}

/** The name is a pointer to that of the question. */
function recordOf(type: number, data: Buffer): Buffer {
  const fields = Buffer.alloc(12);
  fields.writeUInt16BE(0xc00c, 0);
  fields.writeUInt16BE(type, 2);
  fields.writeUInt16BE(1, 4);
  fields.writeUInt32BE(60, 6);
  fields.writeUInt16BE(data.length, 10);
  return Buffer.concat([fields, data]);
}

function dataOf(type: string, value: string): Buffer {
  if (type === 'A') return Buffer.from(value.split('.').map(Number));
  if (type === 'AAAA')
    return Buffer.from(value.split(':').flatMap((part) => [parseInt(part, 16) >> 8, parseInt(part, 16) & 255]));
  const name = Buffer.concat([
    ...value.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);
  return type === 'MX' ? Buffer.concat([Buffer.from([0, 10]), name]) : name;
}
