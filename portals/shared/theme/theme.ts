/**
 * The look of both portals: dark, calm, dense. Images are the brightest thing on the screen, so no
 * surface is lighter than it must be, and every text colour here keeps 4.5:1 on every surface.
 */
import type { MantineColorsTuple } from '@mantine/core';
import {
  ActionIcon,
  Alert,
  Badge,
  Button,
  createTheme,
  Loader,
  Menu,
  Modal,
  NumberInput,
  Paper,
  Popover,
  Select,
  Table,
  Textarea,
  TextInput,
  Tooltip,
} from '@mantine/core';

const slate: MantineColorsTuple = [
  '#e2e9ee',
  '#c3cdd5',
  '#9aa8b4',
  '#465461',
  '#2c3741',
  '#212a32',
  '#191f26',
  '#12171c',
  '#0c1013',
  '#06080a',
];

const sea: MantineColorsTuple = [
  '#e4f6fa',
  '#c9eaf2',
  '#9ddae7',
  '#6cc8da',
  '#4ab8cd',
  '#31a4bb',
  '#1f8fa6',
  '#147a90',
  '#0f667a',
  '#0a5263',
];

export const theme = createTheme({
  primaryColor: 'sea',
  primaryShade: { light: 7, dark: 7 },
  autoContrast: false,
  colors: { dark: slate, sea },
  fontFamily: '"Inter Variable", "Inter", "DejaVu Sans", system-ui, sans-serif',
  fontFamilyMonospace: '"DejaVu Sans Mono", ui-monospace, monospace',
  fontSizes: { xs: '11px', sm: '12px', md: '13px', lg: '15px', xl: '18px' },
  lineHeights: { xs: '1.35', sm: '1.4', md: '1.45', lg: '1.5', xl: '1.5' },
  spacing: { xs: '6px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '18px', lineHeight: '1.3' },
      h2: { fontSize: '14px', lineHeight: '1.35' },
      h3: { fontSize: '13px', lineHeight: '1.4' },
    },
  },
  defaultRadius: 'sm',
  radius: { xs: '2px', sm: '4px', md: '6px', lg: '8px', xl: '12px' },
  cursorType: 'pointer',
  components: {
    // What opens over a page is inside of a landmark of it, as all that is no dialog should be: #menus is in the portal's shell.
    Popover: Popover.extend({ defaultProps: { portalProps: { target: '#menus' } } }),
    // The first item has the focus at once: what Mantine would focus instead is no child that a menu may have.
    Menu: Menu.extend({ defaultProps: { withInitialFocusPlaceholder: false } }),
    Button: Button.extend({ defaultProps: { size: 'xs' } }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray', size: 'md' } }),
    // Quiet until read: a tint and an edge, not a wall of colour beside dark images.
    Alert: Alert.extend({
      styles: (_theme, { color = 'sea' }) => ({
        root: {
          background: `color-mix(in srgb, var(--mantine-color-${color}-9) 22%, var(--mantine-color-dark-6))`,
          border: `1px solid color-mix(in srgb, var(--mantine-color-${color}-6) 45%, var(--mantine-color-dark-6))`,
          '--alert-color': `var(--mantine-color-${color}-3)`,
        },
        title: { fontSize: 13 },
        message: { color: 'var(--mantine-color-dark-0)' },
      }),
    }),
    Badge: Badge.extend({
      defaultProps: { variant: 'light', size: 'sm', radius: 'sm' },
      styles: { root: { textTransform: 'none', fontWeight: 600 } },
    }),
    TextInput: TextInput.extend({ defaultProps: { size: 'xs' } }),
    NumberInput: NumberInput.extend({ defaultProps: { size: 'xs' } }),
    Textarea: Textarea.extend({ defaultProps: { size: 'sm' } }),
    Select: Select.extend({ defaultProps: { size: 'xs' } }),
    Paper: Paper.extend({ defaultProps: { withBorder: true, radius: 'md' } }),
    Table: Table.extend({ defaultProps: { verticalSpacing: 6, horizontalSpacing: 'sm' } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 350, withArrow: true, fz: 'xs' } }),
    Loader: Loader.extend({ defaultProps: { type: 'dots', size: 'sm' } }),
    Modal: Modal.extend({
      defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.6 }, closeButtonProps: { 'aria-label': 'Close' } },
    }),
  },
});
