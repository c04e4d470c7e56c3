/** All pages of a view, as files. The same view always gives the same bytes. */
import type { StatusView } from '../model.ts';
import type { PublishedFile } from '../publication/published-file.ts';
import { componentPage } from './component-page.ts';
import { componentAddress } from './component-parts.ts';
import { historyPage } from './history-page.ts';
import { incidentPage } from './incident-page.ts';
import { incidentAddress } from './incident-parts.ts';
import { indexPage } from './index-page.ts';
import { yearAddress, yearsOf } from './log.ts';
import { styleName, styleSheet } from './style.ts';
import { subscribePage } from './subscribe-page.ts';
import { uptimePage } from './uptime-page.ts';

/** What tells about now is asked again after so long. */
const nowSeconds = 15;
const pastSeconds = 60;
/** Its name changes with its text. */
const styleSeconds = 31_536_000;

/** @returns pages for people: always 200, also when nothing is known, because they say so in words */
export function pageFiles(view: StatusView): PublishedFile[] {
  const page = (path: string, body: string, maxAgeSeconds: number): PublishedFile => ({
    path,
    contentType: 'text/html; charset=utf-8',
    body: Buffer.from(body),
    maxAgeSeconds,
    status: 200,
  });
  return [
    page('index.html', indexPage(view), nowSeconds),
    ...yearsOf(view).map((year) => page(yearAddress(view, year), historyPage(view, year), pastSeconds)),
    ...view.incidents.map((incident) => page(incidentAddress(incident), incidentPage(view, incident), nowSeconds)),
    ...view.components.map((component) =>
      page(componentAddress(component), componentPage(view, component), nowSeconds),
    ),
    page('uptime.html', uptimePage(view), pastSeconds),
    page('subscribe.html', subscribePage(view), pastSeconds),
    {
      path: styleName,
      contentType: 'text/css; charset=utf-8',
      body: Buffer.from(styleSheet),
      maxAgeSeconds: styleSeconds,
      status: 200,
    },
  ];
}
