/** The text of a request's body; undefined when the peer went away, or sent more than it announced. */
export async function readBody(request: Request): Promise<string | undefined> {
  try {
    return request.method === 'GET' ? '' : await request.text();
  } catch {
    return undefined;
  }
}
