import { DefaultNamingStrategy } from 'typeorm';

/** `memoryMiB` → `memory_mib`, `createdAt` → `created_at`. */
export class SnakeNaming extends DefaultNamingStrategy {
  override columnName(property: string, given: string | undefined): string {
    return given ?? property.replace(/MiB$/, '_mib').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  }
}
