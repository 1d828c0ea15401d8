import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

/** A calm petrol blue: readable as text on white from shade 7, as a filled button with white text from shade 7. */
const petrol: MantineColorsTuple = [
  '#eaf4f8',
  '#d6e6ee',
  '#abcddd',
  '#7cb2cb',
  '#579cbc',
  '#3f8eb3',
  '#3087b0',
  '#1d6f94',
  '#146387',
  '#00567a',
];
/** Cool greys for the dark scheme; Mantine's own are brownish beside instrument pictures. */
const dark: MantineColorsTuple = [
  '#d3d8de',
  '#b4bcc6',
  '#9aa5b1',
  '#6b7785',
  '#434e5b',
  '#343e4a',
  '#27303a',
  '#1b232c',
  '#141b22',
  '#0e1318',
];

export const theme = createTheme({
  primaryColor: 'petrol',
  primaryShade: { light: 8, dark: 8 },
  colors: { petrol, dark },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  fontFamily:
    'Inter, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", "DejaVu Sans", Arial, "PingFang SC", "Microsoft YaHei", "Noto Sans SC", "WenQuanYi Micro Hei", sans-serif',
  fontFamilyMonospace: '"JetBrains Mono", "SF Mono", Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace',
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '1.3' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.4' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
    },
  },
  components: {
    Tooltip: { defaultProps: { openDelay: 400, withArrow: true, events: { hover: true, focus: true, touch: false } } },
    Modal: {
      styles: { title: { fontWeight: 600 } },
      defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.45 }, transitionProps: { duration: 120 } },
    },
    Drawer: {
      styles: { title: { fontWeight: 600 } },
      defaultProps: { overlayProps: { backgroundOpacity: 0.45 }, transitionProps: { duration: 120 } },
    },
    // Mantine's placeholder for the first focus is a child that a menu may not have.
    Menu: { defaultProps: { shadow: 'md', withinPortal: true, withInitialFocusPlaceholder: false } },
    // A list that opens by itself hides the rest of a dialog and takes its Escape.
    Select: { defaultProps: { openOnFocus: false } },
    MultiSelect: { defaultProps: { openOnFocus: false } },
    Table: { defaultProps: { verticalSpacing: 'xs', horizontalSpacing: 'sm' } },
  },
});

/** Mantine's greys and reds for secondary text stay under 4.5:1 on their grounds; these do not. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#56616d',
    '--mantine-color-placeholder': '#66717d',
    '--mantine-color-error': '#b42318',
    '--mantine-color-body': '#ffffff',
    '--mantine-color-anchor': '#146387',
    '--mw-ground': '#f3f5f7',
    '--mw-line': '#d9dee4',
    '--mw-good': '#156b3e',
    '--mw-good-ground': '#e5f5ec',
    '--mw-busy': '#1a5fa8',
    '--mw-busy-ground': '#e6f0fa',
    '--mw-warn': '#8a5300',
    '--mw-warn-ground': '#fdf1dc',
    '--mw-bad': '#b42318',
    '--mw-bad-ground': '#fdeceb',
    '--mw-idle': '#4b5663',
    '--mw-idle-ground': '#e9edf1',
  },
  dark: {
    '--mantine-color-dimmed': '#a3aeba',
    '--mantine-color-placeholder': '#98a3af',
    '--mantine-color-error': '#ff9a90',
    '--mantine-color-body': '#1b232c',
    '--mantine-color-anchor': '#7cc1e0',
    '--mw-ground': '#12181e',
    '--mw-line': '#323c47',
    '--mw-good': '#6fd8a0',
    '--mw-good-ground': '#143726',
    '--mw-busy': '#86bdf5',
    '--mw-busy-ground': '#14304c',
    '--mw-warn': '#f2bd62',
    '--mw-warn-ground': '#3d2c0d',
    '--mw-bad': '#ff9a90',
    '--mw-bad-ground': '#48191a',
    '--mw-idle': '#bcc5cf',
    '--mw-idle-ground': '#2c3641',
  },
});
