/** `POST /legacy/`: the upload API of twine, poetry, flit, uv, hatch and pdm. Form in, form checked, archive checked, published. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { defaultFeed } from '../../blobs/keys.ts';
import type { Gallery } from '../../gallery.ts';
import { publish } from '../../publish.ts';
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import { answerRefusal, credentialsOf, feedOf, inviteBody, refuseOtherMethods } from '../../upload/answer.ts';
import { drain, type Received, receive } from '../../upload/receive.ts';
import type { ArchiveLimits, Candidate } from '../../validate/candidate.ts';
import { makeProvenance } from '../../validate/python/attestations.ts';
import { inspectPythonFile } from '../../validate/python/inspect.ts';
import { type PythonRules, pythonRules } from '../../validate/python/rules.ts';
import { checkDigests, checkFormAgainst, readUploadForm } from './form.ts';
import {
  fileExistsSentence,
  filenameHeldSentence,
  oldApiFault,
  oldApiSentence,
  uploadAnswerStatus,
} from './wording.ts';

/** How long the body of a call to the oldest API is read before it is answered, in milliseconds. */
const oldBodyDrainMs = 5_000;

/** Registers the route for the default feed and for every other one. */
export function registerPypiUpload(app: FastifyInstance, gallery: Gallery, limits: ArchiveLimits): void {
  for (const prefix of ['', '/feeds/:feed']) {
    // Without its slash too: twine follows no redirect.
    for (const url of [`${prefix}/legacy/`, `${prefix}/legacy`]) {
      app.post(url, (request, reply) => upload(gallery, limits, request, reply));
      refuseOtherMethods(app, url, ['POST'], 'This address takes uploads (POST), for example from twine.');
    }
    for (const url of [`${prefix}/pypi/`, `${prefix}/pypi`]) app.post(url, answerOldApi);
  }
}

/** `POST /pypi?:action=submit` and its like, and XML-RPC: over for good. */
async function answerOldApi(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  if (/^text\/xml\b/i.test(request.headers['content-type'] ?? '')) {
    inviteBody(request, reply);
    await drain(request.raw, oldBodyDrainMs);
    return reply.code(200).header('Cache-Control', 'no-store').type('text/xml; charset=utf-8').send(oldApiFault);
  }
  const refusal = refuse('action-gone', oldApiSentence);
  return answerRefusal(request, reply, refusal, refusal.status);
}

async function upload(
  gallery: Gallery,
  limits: ArchiveLimits,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  let seen: { filename: string; blake2b256: string } | undefined;
  const { pythonRefuse, pythonAllow } = gallery.config;
  const rules = pythonRules(pythonRefuse, pythonAllow);
  const published = await publish(gallery, {
    feedName: feedOf(request, defaultFeed),
    credentials: credentialsOf(request),
    receive: () => receive(request.raw, receiveLimits(gallery), false, () => inviteBody(request, reply)),
    async inspect(received) {
      const { filename } = received.file;
      seen = { filename, blake2b256: received.file.digests.blake2b256 };
      return inspect(received, limits, rules);
    },
  });
  if (!isRefusal(published)) {
    // PyPI too tells in the body what it took but does not like; clients show it when they are asked to be verbose.
    const warnings = (published.candidate.warnings ?? []).map((warning) => `Warning: ${warning}\n`);
    return reply.code(200).type('text/plain; charset=utf-8').send(warnings.join(''));
  }
  const refusal = seen ? reword(published, seen.filename, seen.blake2b256) : published;
  return answerRefusal(request, reply, refusal, uploadAnswerStatus(refusal));
}

/** Form, digests, archive, form against archive, and last what vouches for the file: the order of PyPI. */
async function inspect(
  { fields, file }: Received,
  limits: ArchiveLimits,
  rules: PythonRules,
): Promise<Candidate | Refusal> {
  const form = readUploadForm(fields);
  if (isRefusal(form)) return form;
  if (/^image\//i.test(file.contentType)) {
    return refuse('form-field-invalid', 'The file was sent as an image; send it as application/octet-stream.');
  }
  const damaged = checkDigests(form, file.digests);
  if (damaged !== undefined) return damaged;
  const candidate = await inspectPythonFile(file.path, file.filename, limits, rules);
  if (isRefusal(candidate)) return candidate;
  const mismatch = checkFormAgainst(form, candidate);
  if (mismatch !== undefined) return mismatch;
  if (form.attestations === undefined) return candidate;
  const { sha256 } = file.digests;
  const provenance = makeProvenance(form.attestations, { filename: file.filename, sha256 });
  return isRefusal(provenance) ? provenance : { ...candidate, extracts: [...candidate.extracts, provenance] };
}

/** Clients match on the words of a duplicate, so this protocol says it in its own. */
function reword(refusal: Refusal, filename: string, blake2b256: string): Refusal {
  if (refusal.code === 'file-exists') return refusal.withMessage(fileExistsSentence(filename, blake2b256));
  if (refusal.code === 'name-held') return refusal.withMessage(filenameHeldSentence(filename));
  return refusal;
}

function receiveLimits(gallery: Gallery) {
  return { folder: gallery.folders.incoming, uploadBytesMax: gallery.config.uploadBytesMax };
}
