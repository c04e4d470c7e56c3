/** The gallery's own pages. They hold nothing that a user uploaded as HTML, need no script and ask no third party. */
import type { FastifyInstance } from 'fastify';
import { askedBaseUrl } from '../config/base-url.ts';
import type { Gallery } from '../gallery.ts';
import { bannerOf } from './banner.ts';
import { statusAddress, watchStatus } from './gallery-status.ts';
import { homePage } from './home.ts';

const policy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

export function registerPages(app: FastifyInstance, gallery: Gallery): void {
  const status = watchStatus(statusAddress(gallery.config), gallery.clock);
  app.addHook('onClose', () => status.stop());
  app.get('/', (request, reply) =>
    reply
      .header('Content-Security-Policy', policy)
      .header('X-Content-Type-Options', 'nosniff')
      .header('Referrer-Policy', 'no-referrer')
      .header('Cache-Control', 'no-cache')
      .type('text/html; charset=utf-8')
      .send(
        homePage(askedBaseUrl(request.headers, gallery.config), {
          banner: bannerOf(status.current(), gallery.clock.now()),
          link: status.link(),
        }),
      ),
  );
}
