import type { NextConfig } from 'next';

/**
 * Headers that hold for every answer; the content policy, which needs a fresh nonce per page, is in src/proxy.ts.
 * The front door adds Strict-Transport-Security where it speaks TLS.
 */
const SECURITY_HEADERS = [
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  { key: 'X-Frame-Options', value: 'DENY' },
  { key: 'Referrer-Policy', value: 'same-origin' },
  { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
  { key: 'Cross-Origin-Resource-Policy', value: 'same-origin' },
  {
    key: 'Permissions-Policy',
    value:
      'camera=(), microphone=(), geolocation=(), payment=(), usb=(), fullscreen=(self), keyboard-map=(self), clipboard-read=(self), clipboard-write=(self)',
  },
];

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  // The front door is on the same machine; compressing twice only costs.
  compress: true,
  devIndicators: false,
  headers: async () => [{ source: '/:path*', headers: SECURITY_HEADERS }],
};

export default config;
