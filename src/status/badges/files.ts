/**
 * Badges for other people's pages: `badges/status.svg`, `badges/component/KEY.svg`, `badges/uptime/KEY.svg` (90 days), each beside
 * a `.json` in the shape that shields.io reads from an endpoint. When nothing is known they say so.
 */
import type { ComponentStatus, ComponentView, StatusView } from '../model.ts';
import type { PublishedFile } from '../publication/published-file.ts';
import { type TopLevel, topLevel } from '../statuspage/top-level.ts';
import { componentWords } from '../statuspage/words.ts';
import { type Badge, type BadgeColor, badgeColors, badgeSvg } from './svg.ts';
import { percentOf, uptimeOver } from './uptime.ts';

/** Pages keep badges through caches of their own; much more often than this nobody asks. */
const maxAgeSeconds = 60;

const statusColors: Readonly<Record<ComponentStatus, BadgeColor>> = {
  operational: 'green',
  degraded_performance: 'yellow',
  partial_outage: 'orange',
  major_outage: 'red',
  under_maintenance: 'blue',
  unknown: 'grey',
};
const levelColors: Readonly<Record<TopLevel['indicator'], BadgeColor>> = {
  none: 'green',
  minor: 'yellow',
  major: 'orange',
  critical: 'red',
  unknown: 'grey',
};
/** From this share on an uptime has the colour. */
const uptimeColors: readonly (readonly [number, BadgeColor])[] = [
  [0.999, 'green'],
  [0.99, 'yellow'],
  [0.95, 'orange'],
  [0, 'red'],
];

export function badgeFiles(view: StatusView): PublishedFile[] {
  const isKnown = topLevel(view).indicator !== 'unknown';
  return [
    ...both('badges/status', overallBadge(view)),
    ...view.components.flatMap((component) => [
      ...both(`badges/component/${component.key}`, componentBadge(view, component, isKnown)),
      ...both(`badges/uptime/${component.key}`, uptimeBadge(view, component)),
    ]),
  ];
}

function overallBadge(view: StatusView): Badge {
  const { indicator, description } = topLevel(view);
  const isMaintenance = description === 'Service Under Maintenance';
  return {
    label: view.page.name,
    message: description.toLowerCase(),
    color: isMaintenance ? 'blue' : levelColors[indicator],
  };
}

function componentBadge(view: StatusView, component: ComponentView, isKnown: boolean): Badge {
  const status = isKnown ? component.status : 'unknown';
  return { label: nameOf(view, component), message: componentWords[status], color: statusColors[status] };
}

function uptimeBadge(view: StatusView, component: ComponentView): Badge {
  const label = `${nameOf(view, component)}, ${component.days.length} days`;
  const uptime = uptimeOver(component.days);
  if (uptime === undefined) return { label, message: 'not measured', color: 'grey' };
  const color = uptimeColors.find(([from]) => uptime >= from)?.[1] ?? 'red';
  return { label, message: percentOf(uptime), color };
}

/** `Installing packages: Python`: a member's own name says too little elsewhere. */
function nameOf({ components }: StatusView, { key, name }: ComponentView): string {
  const [group, member] = key.split('/');
  const groupName = member === undefined ? undefined : components.find((one) => one.key === group)?.name;
  return groupName === undefined ? name : `${groupName}: ${name}`;
}

function both(path: string, badge: Badge): PublishedFile[] {
  const endpoint = {
    schemaVersion: 1,
    label: badge.label,
    message: badge.message,
    color: badgeColors[badge.color],
    // Nobody may paint these in a colour of their own.
    isError: badge.color === 'red' || badge.color === 'grey',
    cacheSeconds: 300,
  };
  return [
    file(`${path}.svg`, 'image/svg+xml; charset=utf-8', badgeSvg(badge)),
    file(`${path}.json`, 'application/json; charset=utf-8', JSON.stringify(endpoint)),
  ];
}

function file(path: string, contentType: string, text: string): PublishedFile {
  return { path, contentType, body: Buffer.from(text), maxAgeSeconds, status: 200 };
}
