/** What several sections of the status service's configuration are made of. */
import Type from 'typebox';

export const closed = { additionalProperties: false };
export const seconds = (fallback: number, description: string) =>
  Type.Integer({ minimum: 1, maximum: 31_536_000, default: fallback, description });
export const name = (description: string) => Type.String({ minLength: 1, maxLength: 100, description });
export const componentKey = Type.String({
  pattern: '^[a-z0-9-]+(/[a-z0-9-]+)?$',
  description: 'Component, such as `install/python` or `website`.',
});
export const hostAndPort = Type.String({ pattern: '^(\\[[0-9a-fA-F:.]+\\]|[^\\s:/]+):[0-9]{1,5}$' });
export const httpUrl = Type.String({ pattern: '^https?://', maxLength: 2_000 });
