import { expect, it } from 'vitest';
import type { Order } from '../api/types';
import { screeningDetails } from './screening-details';

const order = (change: object) => ({ statedSafety: null, screening: null, ...change }) as unknown as Order;

it('tells a confirmed answer with what the order says and whose word it is', () => {
  const details = screeningDetails(
    order({
      statedSafety: { contrast: { allergyToContrast: 'yes', allergyDetail: 'Anaphylaxis, iohexol 2020', creatinineMgPerDl: 3.9 }, mri: { pacemaker: 'yes', claustrophobia: 'no', detail: 'Since 2020' } },
      screening: {
        contrast: { allergyToContrast: false, allergyDetail: '', creatinineMgPerDl: 0.9, egfrMlPerMin: 84 },
        mri: { pacemaker: false, claustrophobia: true, detail: '' },
        confirmations: { allergyToContrast: 'Another drug, Dr. Smith', creatinineMgPerDl: 'Laboratory', egfrMlPerMin: 'Laboratory', pacemaker: 'Taken out in 2024', claustrophobia: 'Herself', aneurysmClips: '' },
      },
    }),
  );

  expect(details).toEqual([
    'Allergy to contrast medium: no. The order says: yes, Anaphylaxis, iohexol 2020. Confirmed: Another drug, Dr. Smith',
    'Creatinine: 0.9 mg/dL. The order says: 3.9 mg/dL. Confirmed: Laboratory',
    'eGFR: 84 mL/min. The order says: creatinine 3.9 mg/dL. Confirmed: Laboratory',
    'Pacemaker or defibrillator: no. The order says: yes, Since 2020. Confirmed: Taken out in 2024',
    'Claustrophobia: yes. The order says: no. Confirmed: Herself',
  ]);
});

it('keeps an older screening readable: its words stand with the details', () => {
  const older = 'Allergy to contrast medium: no. The order says: yes. Confirmed: Dr. Smith';

  expect(screeningDetails(order({ screening: { contrast: { allergyDetail: older }, mri: { detail: 'MR conditional' } } }))).toEqual([older, 'MR conditional']);
});

it('tells nothing where nobody was asked', () => {
  expect(screeningDetails(order({}))).toEqual([]);
});
