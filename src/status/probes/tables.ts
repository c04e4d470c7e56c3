/** The canaries that were published: which there are, what they were, and what has become of them. */
import type { SchemaStep } from '../database.ts';

/**
 * `pushing` until the gallery has acknowledged it: whoever finds one at a start knows that a push was cut off. `deleted` ones stay as long as
 * their project does, so that no version is used twice.
 */
export const canaryTables: SchemaStep['sql'] = `
  create table canaries (
    id integer primary key,
    ecosystem text not null,
    project text not null,
    version text not null,
    filename text not null,
    sha256 text not null,
    bytes blob not null,
    state text not null check (state in ('pushing', 'listed', 'unlisted', 'deleted')),
    made_at integer not null,
    unique (project, version)
  ) strict;
  create index canaries_by_ecosystem on canaries (ecosystem, id);
`;
