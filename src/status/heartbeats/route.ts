/** Where signs of life are sent to: any method that a scheduler can be told, and an answer in one line. */
import type { FastifyInstance } from 'fastify';
import { isRefusal } from '../../std/refusals.ts';
import type { Heartbeats } from './heartbeats.ts';

export function registerHeartbeats(app: FastifyInstance, heartbeats: Heartbeats): void {
  app.register(async (own) => {
    // Whatever body comes along is of no interest.
    own.removeAllContentTypeParsers();
    own.addContentTypeParser('*', (_request, payload, done) => {
      payload.resume();
      done(null);
    });
    own.route({
      method: ['GET', 'HEAD', 'POST', 'PUT'],
      url: '/heartbeats/:name/:token',
      handler: (request, reply) => {
        const { name, token } = request.params as { name: string; token: string };
        const heard = heartbeats.hear(name, token);
        reply.type('text/plain; charset=utf-8').header('Cache-Control', 'no-store');
        return isRefusal(heard) ? reply.code(heard.status).send(`${heard.message}\n`) : reply.send('Heard.\n');
      },
    });
  });
}
