import type { Locale } from './locale';
import type { en } from './en';

declare module 'use-intl' {
  interface AppConfig {
    Locale: Locale;
    Messages: typeof en;
  }
}
