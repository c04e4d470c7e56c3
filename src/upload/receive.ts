/**
 * Bytes in: reads an upload as it arrives, hashes it on the way, and keeps the file under a temporary name. Memory stays flat
 * whatever the size; every limit has its refusal; what was refused is read to its end, so that the client sees the answer.
 */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { unlink } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Busboy } from '@fastify/busboy';
import type { Digests } from '../documents/package-view.ts';
import { watchBody } from '../std/memory.ts';
import { isRefusal, type Refusal, refuse } from '../std/refusals.ts';
import { startDigests } from './digests.ts';
import { mendEnding } from './mend-ending.ts';

export interface ReceivedFile {
  /** Where the bytes are until they are put into the store. */
  readonly path: string;
  /** As the client named it; empty when it did not. */
  readonly filename: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly digests: Digests;
}

export interface Received {
  readonly fields: Map<string, string[]>;
  readonly file: ReceivedFile;
}

export interface ReceiveLimits {
  /** Folder of temporary files. */
  readonly folder: string;
  readonly uploadBytesMax: number;
}

const fieldsMax = 4_000;
const fieldBytesMax = 4 * 1024 * 1024;
const fieldsBytesMax = 16 * 1024 * 1024;

/**
 * Reads a multipart form with exactly one file, or a bare body where the protocol allows one.
 * @param request the request, whose body nobody has read yet
 * @param allowsBareBody whether a body that is no form is taken as the file itself
 * @param invite called when the headers are found good: lets a body come that waits for that
 * @returns what arrived, or a refusal, after which no file is left
 */
export async function receive(
  request: IncomingMessage,
  limits: ReceiveLimits,
  allowsBareBody: boolean,
  invite: () => void = () => undefined,
): Promise<Received | Refusal> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limits.uploadBytesMax + fieldsBytesMax) return tooLarge(limits.uploadBytesMax);
  const contentType = request.headers['content-type'] ?? '';
  const isForm = /^multipart\/form-data\b/i.test(contentType);
  if (!isForm && !allowsBareBody) {
    return refuse('form-unreadable', 'Send the file as a multipart/form-data form.');
  }
  invite();
  if (isForm) return receiveForm(request, limits);
  try {
    const file = await keep(request, '', contentType, limits);
    return isRefusal(file) ? file : { fields: new Map(), file };
  } catch (error) {
    return interrupted(error);
  }
}

async function receiveForm(request: IncomingMessage, limits: ReceiveLimits): Promise<Received | Refusal> {
  const fields = new Map<string, string[]>();
  const files: Promise<ReceivedFile | Refusal>[] = [];
  const streams: Readable[] = [];
  let problem: Refusal | undefined;
  let fieldsBytes = 0;
  let parser: InstanceType<typeof Busboy>;
  try {
    parser = new Busboy({
      headers: { ...request.headers, 'content-type': request.headers['content-type'] ?? '' },
      limits: { fields: fieldsMax, fieldSize: fieldBytesMax, files: 8, parts: fieldsMax + 8, headerPairs: 50 },
    });
  } catch (error) {
    return refuse('form-unreadable', `The form cannot be read: ${(error as Error).message}.`);
  }
  parser.on('field', (name = '', value, _nameCut, isCut) => {
    fieldsBytes += Buffer.byteLength(name) + Buffer.byteLength(value);
    if (isCut || fieldsBytes > fieldsBytesMax) {
      problem ??= refuse(
        'upload-too-large',
        `${isCut ? `The form's field ${name.slice(0, 100)} is larger than ${fieldBytesMax} bytes` : `The form's fields are larger than ${fieldsBytesMax} bytes together`}.`,
      );
    } else fields.set(name, [...(fields.get(name) ?? []), value]);
  });
  parser.on('file', (_name, stream, filename, _encoding, mimeType) => {
    // The parser's own error reaches us through the pipeline below; without a listener here it would end the process.
    stream.on('error', () => undefined);
    if (files.length > 0) problem ??= refuse('form-unreadable', 'The form holds more than one file.');
    streams.push(stream);
    const kept = keep(stream, filename ?? '', mimeType, limits);
    kept.catch(() => undefined);
    files.push(kept);
  });
  for (const [event, what] of [
    ['fieldsLimit', 'fields'],
    ['partsLimit', 'parts'],
    ['filesLimit', 'files'],
  ] as const) {
    parser.on(event, () => {
      problem ??= refuse('upload-too-large', `The form has too many ${what}.`);
    });
  }
  const failure = await feed(request, parser, limits.uploadBytesMax + fieldsBytesMax);
  // The parser leaves the streams of files that it had begun open for ever.
  if (failure) for (const stream of streams) stream.destroy(new Error('the form ended early'));
  const kept = await Promise.all(files.map((file) => file.catch((error: unknown) => interrupted(error))));
  const first = kept[0];
  const refusal = problem ?? failure ?? kept.find(isRefusal);
  if (refusal === undefined && first !== undefined && !isRefusal(first)) return { fields, file: first };
  for (const file of kept) if (!isRefusal(file)) await discard(file);
  return refusal ?? refuse('form-incomplete', 'The form holds no file.');
}

/**
 * Feeds a body to the form's reader. When the reader fails, or has had enough, what is left of the body can still be read: its
 * sender has to get to see the answer.
 * @param bytesMax of the whole body, with all that is neither a field nor a file
 * @returns undefined when the form came to its end
 */
async function feed(
  request: IncomingMessage,
  parser: InstanceType<typeof Busboy>,
  bytesMax: number,
): Promise<Refusal | undefined> {
  const ended = Promise.withResolvers<Refusal | undefined>();
  let bodyBytes = 0;
  const count = (chunk: Buffer) => {
    bodyBytes += chunk.length;
    if (bodyBytes > bytesMax) ended.resolve(refuse('upload-too-large', `The form is larger than ${bytesMax} bytes.`));
  };
  const giveUp = () => ended.resolve(interruptedUpload);
  parser.once('finish', () => ended.resolve(undefined)).on('error', giveUp);
  request.on('data', count).once('error', giveUp);
  request.once('close', () => request.readableEnded || giveUp());
  const mended = mendEnding(request.headers['content-type'] ?? '');
  mended.pipe(parser);
  request.pipe(mended);
  try {
    return await ended.promise;
  } finally {
    request.off('data', count).unpipe(mended).resume();
  }
}

/** Writes a stream to a temporary file and hashes it. */
async function keep(
  stream: Readable,
  filename: string,
  contentType: string,
  limits: ReceiveLimits,
): Promise<ReceivedFile | Refusal> {
  const path = join(limits.folder, randomUUID());
  const digests = await startDigests();
  // The form may have been found broken while the digests were made: nothing more would ever be heard of its file.
  if (stream.destroyed && !stream.readableEnded) throw new Error('the body ended early');
  const watch = watchBody();
  const overflow = new Error('the file is too large');
  let sizeBytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sizeBytes += chunk.length;
      watch(chunk.length);
      if (sizeBytes > limits.uploadBytesMax) return done(overflow);
      digests.update(chunk);
      done(null, chunk);
    },
  });
  stream.once('error', (error) => measure.destroy(error));
  stream.once('close', () => stream.readableEnded || measure.destroy(new Error('the body ended early')));
  stream.pipe(measure);
  try {
    await pipeline(measure, createWriteStream(path, { flags: 'wx', highWaterMark: 256 * 1024 }));
  } catch (error) {
    // It is too much, or the disk failed: the rest is read and forgotten, so that the sender gets to see the answer.
    stream.unpipe(measure);
    stream.resume();
    await unlink(path).catch(() => undefined);
    if (error === overflow) return tooLarge(limits.uploadBytesMax);
    throw error;
  }
  return { path, filename, contentType, sizeBytes, digests: digests.finish() };
}

/** Removes the temporary file, if the store has not taken it meanwhile. */
export async function discard(file: ReceivedFile): Promise<void> {
  await unlink(file.path).catch(() => undefined);
}

function tooLarge(bytesMax: number): Refusal {
  return refuse('upload-too-large', `The upload is larger than this gallery takes (${bytesMax} bytes).`);
}

/** A stream that ended early is the sender's doing; a disk that fails is ours and goes on as an error. */
function interrupted(error: unknown): Refusal {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (/^(ENOSPC|EDQUOT|EIO|EROFS|EMFILE|ENFILE|EACCES|ENOENT)$/.test(code)) throw error;
  return interruptedUpload;
}

const interruptedUpload = refuse(
  'upload-interrupted',
  'The upload ended before it was complete, or its form is broken; nothing was kept.',
);

/** Reads what is left of a refused body and forgets it, within a time limit, so that the client sees the answer. */
export async function drain(request: IncomingMessage, deadlineMs: number): Promise<void> {
  if (request.complete || request.destroyed) return;
  const ended = Promise.withResolvers<void>();
  const timer = setTimeout(ended.resolve, deadlineMs);
  request.once('end', ended.resolve).once('close', ended.resolve).once('error', ended.resolve);
  request.resume();
  await ended.promise;
  clearTimeout(timer);
}
