/** What may stand behind "to": one address and nothing around it, so that nobody else can be smuggled in. */

/** No name, no list, no blank, no control character. */
const address = /^[^\s@<>()[\]\\,;:"\u0000-\u001f\u007f]{1,64}@[^\s@<>()[\]\\,;:"\u0000-\u001f\u007f]{1,253}$/;

/** @returns whether a text is one plain mail address that messages may be sent to */
export function isMailAddress(text: string): boolean {
  return address.test(text);
}
