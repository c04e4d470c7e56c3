/** How an answer to an upload looks: a status, one sentence as reason phrase, and the same sentence in the body. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Credentials, readCredentials } from '../access/access-document.ts';
import { type Refusal, reasonPhrase, refuse } from '../std/refusals.ts';
import { drain } from './receive.ts';

/** How long the rest of a refused body is read, so that its sender gets to see the answer, in milliseconds. */
const drainMs = 30_000;
/** The same for who is not known here: long enough for an honest mistake. */
const strangerDrainMs = 5_000;

export function credentialsOf(request: FastifyRequest): Credentials | undefined {
  return readCredentials({
    authorization: request.headers.authorization,
    'x-nuget-apikey': request.headers['x-nuget-apikey'],
  });
}

const invited = new WeakSet<FastifyReply>();

/**
 * Lets the body come that a client holds back until its headers are found good (RFC 9110 §10.1.1). Called when they are; whoever
 * is refused before that gets the refusal at once, and sends nothing.
 */
export function inviteBody(request: FastifyRequest, reply: FastifyReply): void {
  if (!holdsBodyBack(request) || invited.has(reply)) return;
  invited.add(reply);
  reply.raw.writeContinue();
}

function holdsBodyBack(request: FastifyRequest): boolean {
  return request.headers.expect?.toLowerCase() === '100-continue';
}

/** The feed that a route's address names. */
export function feedOf(request: FastifyRequest, fallback: string): string {
  return (request.params as { feed?: string }).feed ?? fallback;
}

/** Answers 405 to the methods that an address does not take, so that whoever looks at it does not think that it is not there. */
export function refuseOtherMethods(
  app: FastifyInstance,
  url: string,
  taken: readonly string[],
  sentence: string,
): void {
  const others = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((method) => !taken.includes(method));
  app.route({
    method: others,
    url,
    handler: (request, reply) => {
      reply.header('Allow', taken.join(', '));
      return answerRefusal(request, reply, refuse('method-not-allowed', sentence), 405);
    },
  });
}

/**
 * Answers a refusal once its body has been read.
 * @param status as the protocol has it
 */
export async function answerRefusal(
  request: FastifyRequest,
  reply: FastifyReply,
  refusal: Refusal,
  status: number,
): Promise<FastifyReply> {
  const isStranger = refusal.code === 'credentials-missing' || refusal.code === 'credentials-invalid';
  const isBodyComing = !holdsBodyBack(request) || invited.has(reply);
  if (isBodyComing) await drain(request.raw, isStranger ? strangerDrainMs : drainMs);
  reply.raw.statusMessage = reasonPhrase(refusal.message);
  if (status === 401) reply.header('WWW-Authenticate', 'Basic realm="Holdfast", charset="UTF-8"');
  if (status === 503) reply.header('Retry-After', '5');
  if (!request.raw.complete) reply.header('Connection', 'close');
  const wantsJson = /json/.test(request.headers.accept ?? '');
  reply.code(status).header('Cache-Control', 'no-store');
  // uv prints `code` of a JSON body; it asks for application/json first.
  if (wantsJson)
    return reply.send({ message: refusal.message, code: `${status} ${refusal.message}`, title: refusal.code });
  return reply.type('text/plain; charset=utf-8').send(`${refusal.message}\n`);
}
