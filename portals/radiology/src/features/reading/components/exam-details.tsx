import { Stack, Text } from '@mantine/core';
import type { ViewerData } from '@shared/api/types';
import { contrastWords, statedWords } from '@shared/order-entry/stated-safety';
import { screeningDetails } from '@shared/order-form/screening-details';
import { useClock } from '@shared/shell/portal-context';

export function ExamDetails({ data: { order, study } }: { data: ViewerData }) {
  const clock = useClock();
  const rows: Array<[string, string | null | undefined]> = [
    ['Order', order.orderNumber],
    ['Ordered by', `${order.orderingProviderName}, ${clock.dateTime(order.createdAt)}`],
    ['Exam', `${order.studyType}${order.laterality ? ` (${order.laterality.toLowerCase()})` : ''}`],
    ['Indication', order.clinicalIndication],
    ['History', order.clinicalHistory],
    ['Contrast', contrastWords(order)],
    ['Order says', statedWords(order).join('\n')],
    ['Instructions', order.specialInstructions],
    ['Screening', screeningText(order)],
    ['Room', order.appointment && `${order.appointment.equipmentName}, ${order.appointment.room}`],
    ['Started', order.startedAt && clock.dateTime(order.startedAt)],
    ['Images complete', study && `${study.completeness === 'COMPLETE' ? 'yes' : 'still arriving'}${study.completenessReason ? `: ${study.completenessReason}` : ''}`],
    ['Scanner', study && [study.manufacturer, study.equipmentModel].filter(Boolean).join(' ')],
    ['Exposure', study && [study.kvp && `${study.kvp} kV`, study.mas && `${study.mas} mAs`].filter(Boolean).join(', ')],
    ['Slice thickness', study?.sliceThickness ? `${study.sliceThickness} mm` : null],
  ];
  return (
    <Stack gap={6} component="dl" m={0}>
      {rows.map(
        ([term, value]) =>
          value && (
            <div key={term} style={{ display: 'grid', gridTemplateColumns: '110px 1fr', gap: 8 }}>
              <Text component="dt" size="sm" c="var(--text-dim)">
                {term}
              </Text>
              <Text component="dd" size="sm" m={0} style={{ whiteSpace: 'pre-wrap' }}>
                {value}
              </Text>
            </div>
          ),
      )}
    </Stack>
  );
}

function screeningText(order: ViewerData['order']): string {
  const { screening } = order;
  if (!screening) return order.screeningRequired.length > 0 ? 'not done' : 'not needed';
  const verdict = [screening.passed ? 'passed' : 'not passed', ...screening.concerns, screening.overrideReason && `overridden${screening.overriddenBy ? ` by ${screening.overriddenBy.name}` : ''}: ${screening.overrideReason}`].filter(Boolean).join('; ');
  return [verdict, ...screeningDetails(order)].join('\n');
}
