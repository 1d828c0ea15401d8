'use client';
export function TaskTray() {
  return null;
}
