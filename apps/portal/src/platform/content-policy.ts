/**
 * The Content-Security-Policy of a page. Everything comes from our own origin, `connect-src 'self'` covers the
 * WebSockets of events and displays, pictures are blobs (thumbnails) and data (pointer shapes).
 * Inline styles stay allowed: Mantine and xterm.js set them at run time, and a style cannot run code.
 */
export function contentPolicy(nonce: string, isDevelopment: boolean): string {
  const directives = {
    'default-src': "'self'",
    'script-src': `'self' 'nonce-${nonce}' 'strict-dynamic'${isDevelopment ? " 'unsafe-eval'" : ''}`,
    // The decode worker; bundlers may start it through a blob of our own making.
    'worker-src': "'self' blob:",
    'style-src': "'self' 'unsafe-inline'",
    'img-src': "'self' blob: data:",
    'font-src': "'self'",
    'connect-src': "'self'",
    'object-src': "'none'",
    'base-uri': "'self'",
    'form-action': "'self'",
    'frame-ancestors': "'none'",
  };
  return Object.entries(directives)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ');
}
