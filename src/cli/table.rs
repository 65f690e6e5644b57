//! Tables, fitted to the screen.

use super::screen::{Cell, Screen, Tone, cut, printable};

/// Between two columns.
const GAP: &str = "  ";
/// No column is made narrower than this.
const COLUMN_MIN: usize = 6;

/// An aligned table. Where the screen is narrower, the widest columns are cut.
pub(super) fn table(screen: &Screen, heads: &[&str], rows: &[Vec<Cell>]) -> String {
    let clean = |cell: &Cell| Cell { text: printable(&cell.text), tone: cell.tone };
    let rows: Vec<Vec<Cell>> = rows.iter().map(|row| row.iter().map(clean).collect()).collect();
    let heads: Vec<Cell> = heads.iter().map(|head| Cell::toned(*head, Tone::Strong)).collect();
    let lines: Vec<&[Cell]> = std::iter::once(heads.as_slice()).chain(rows.iter().map(Vec::as_slice)).collect();
    let widest = |column: usize| lines.iter().map(|line| line[column].width()).max().unwrap_or_default();
    let widths = fit((0..heads.len()).map(widest).collect(), screen.width);
    let line = |cells: &&[Cell]| line(screen, cells, &widths);
    lines.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn line(screen: &Screen, cells: &[Cell], widths: &[usize]) -> String {
    let mut line = String::new();
    // Spaces that nothing follows are not printed.
    let mut spaces = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        let shown = Cell { text: cut(&cell.text, *width), tone: cell.tone };
        if !shown.text.is_empty() {
            line.push_str(&spaces);
            line.push_str(&screen.paint_cell(&shown));
            spaces.clear();
        }
        spaces.push_str(&" ".repeat(width.saturating_sub(shown.width())));
        spaces.push_str(GAP);
    }
    line
}

/// Takes column after column from the widest until the table fits, or nothing can be taken.
fn fit(mut widths: Vec<usize>, screen: Option<usize>) -> Vec<usize> {
    let Some(screen) = screen else { return widths };
    let gaps = GAP.len() * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > screen {
        match widths.iter_mut().rev().max_by_key(|width| **width).filter(|width| **width > COLUMN_MIN) {
            Some(widest) => *widest -= 1,
            None => break,
        }
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::fit;

    #[test]
    fn the_widest_columns_give_way() {
        assert_eq!(fit(vec![3, 30, 8], None), [3, 30, 8]);
        assert_eq!(fit(vec![3, 30, 8], Some(45)), [3, 30, 8]);
        assert_eq!(fit(vec![3, 30, 8], Some(40)), [3, 25, 8]);
        assert_eq!(fit(vec![3, 30, 28], Some(47)), [3, 20, 20]);
        assert_eq!(fit(vec![3, 30, 8], Some(1)), [3, 6, 6]);
    }
}
