export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'idle';

/** A word with a colour that repeats it. `busy` ones pulse: something is under way. */
export function StateBadge({ tone, label, pulse = false }: { readonly tone: Tone; readonly label: string; readonly pulse?: boolean }) {
  return (
    <span className="mw-badge" data-tone={tone} data-pulse={pulse || undefined}>
      {label}
    </span>
  );
}
