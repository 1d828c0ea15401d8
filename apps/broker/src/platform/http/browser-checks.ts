/** The value of one cookie in a Cookie header; undefined when it is missing or absurd. */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  const pair = header
    ?.split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(`${name}=`));
  const value = pair?.slice(name.length + 1);
  return value !== undefined && /^[\w-]{1,200}$/.test(value) ? value : undefined;
}

/**
 * Whether an Origin header names this very site. Behind the front door the site's name is in X-Forwarded-Host, or in
 * Host when it is passed on; a page elsewhere can set neither.
 */
export function isSameOrigin(origin: string, host: string | undefined, forwardedHost: string | undefined): boolean {
  if (!URL.canParse(origin)) return false;
  const name = new URL(origin).host;
  return name !== '' && (name === forwardedHost || name === host);
}
