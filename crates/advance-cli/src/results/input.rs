//! Ids from the command line or a file: a line each, a column of CSV, or JSON lines such as this command writes.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Read as _};

use advance_core::SignatureId;
use serde_json::Value;

use crate::problem::{Problem, rule};
use crate::stop::Stop;

/// Each id once, in the order given.
pub(crate) fn ids(
    given: &[String],
    file: Option<&str>,
    column: Option<&str>,
) -> Result<Vec<SignatureId>, Stop> {
    let mut found: Vec<(String, String)> = given.iter().map(|id| (String::new(), id.clone())).collect();
    if let Some(file) = file {
        let text = read(file)?;
        let name = if file == "-" { "standard input" } else { file };
        for (line, id) in
            listed(&text, column).map_err(|what| Stop::from(Problem::usage(format!("{name}: {what}"))))?
        {
            found.push((format!("{name}, line {line}: "), id));
        }
    }
    let mut seen = HashSet::new();
    let mut ids = Vec::new();
    for (place, id) in found {
        let checked = SignatureId::new(id.as_str());
        let checked =
            checked.map_err(|error| Stop::from(Problem::usage(format!("{place}{}", rule(&error)))))?;
        if seen.insert(id) {
            ids.push(checked);
        }
    }
    Ok(ids)
}

/// The text of a file, or of standard input.
pub(crate) fn read(file: &str) -> Result<String, Stop> {
    let bytes = if file == "-" {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(file)
    };
    let bytes =
        bytes.map_err(|error| Stop::from(Problem::usage(format!("cannot read {file}")).caused_by(&error)))?;
    Ok(crate::decode::text(&bytes)?.text)
}

/// The ids of a text with the numbers of their lines.
fn listed(text: &str, column: Option<&str>) -> Result<Vec<(u64, String)>, String> {
    let first = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    if first.trim_start().starts_with('{') {
        return json_lines(text);
    }
    if column.is_some() || header(first).is_some() {
        return csv(text, first, column);
    }
    let lines = text
        .lines()
        .enumerate()
        .map(|(index, line)| (index as u64 + 1, line.trim()));
    let ids = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    Ok(ids.map(|(number, line)| (number, line.to_owned())).collect())
}

fn json_lines(text: &str) -> Result<Vec<(u64, String)>, String> {
    let mut ids = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let number = index as u64 + 1;
        let object: Value = serde_json::from_str(line).map_err(|_| format!("line {number} is not JSON"))?;
        let id = object
            .get("signatureId")
            .or_else(|| object.pointer("/data/signatureId"));
        match id.and_then(Value::as_str) {
            Some(id) => ids.push((number, id.to_owned())),
            None => return Err(format!("line {number} has no member signatureId")),
        }
    }
    Ok(ids)
}

/// What separates the columns of a line that names them, one of them the id.
fn header(line: &str) -> Option<u8> {
    let names_id = |separator: char| {
        let mut cells = line.split(separator).map(|cell| cell.trim().trim_matches('"'));
        cells.any(is_id)
    };
    [',', ';', '\t']
        .into_iter()
        .find(|separator| names_id(*separator))
        .and_then(|found| u8::try_from(found).ok())
}

fn is_id(name: &str) -> bool {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    name.eq_ignore_ascii_case("signatureId")
}

fn csv(text: &str, first: &str, column: Option<&str>) -> Result<Vec<(u64, String)>, String> {
    let guess = |line: &str| {
        [b';', b'\t']
            .into_iter()
            .find(|byte| line.contains(char::from(*byte)))
            .unwrap_or(b',')
    };
    let separator = header(first).unwrap_or_else(|| if first.contains(',') { b',' } else { guess(first) });
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .from_reader(text.as_bytes());
    let names = reader.headers().map_err(|_| "it is not CSV".to_owned())?.clone();
    let wanted = |name: &str| match column {
        Some(column) => name.trim() == column,
        None => is_id(name),
    };
    let Some(at) = names.iter().position(wanted) else {
        let known: Vec<&str> = names.iter().map(str::trim).collect();
        let column = column.unwrap_or("signatureId");
        return Err(format!(
            "there is no column {column}; the first line has: {}",
            known.join(", ")
        ));
    };
    let mut ids = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| "it is not CSV".to_owned())?;
        let line = record.position().map_or(0, csv::Position::line);
        match record.get(at).map(str::trim) {
            Some(id) if !id.is_empty() => ids.push((line, id.to_owned())),
            _ => {}
        }
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str, column: Option<&str>) -> Vec<String> {
        listed(text, column)
            .unwrap()
            .into_iter()
            .map(|(_, id)| id)
            .collect()
    }

    #[test]
    fn ids_come_in_lines_columns_and_objects() {
        assert_eq!(only("# ids\na\n\n b \r\n", None), ["a", "b"]);
        assert_eq!(only("signature_id,name\na,x\nb,\"y,z\"\n", None), ["a", "b"]);
        assert_eq!(only("name;Signature ID\nx;a\n;b\n", None), ["a", "b"]);
        assert_eq!(only("name\tid\nx\ta\n", Some("id")), ["a"]);
        assert_eq!(
            only(
                "{\"signatureId\":\"a\",\"error\":{}}\n{\"data\":{\"signatureId\":\"b\"}}\n",
                None
            ),
            ["a", "b"]
        );
    }

    #[test]
    fn what_is_no_list_says_where() {
        assert_eq!(
            listed("{\"signatureId\":\"a\"}\n{}", None).unwrap_err(),
            "line 2 has no member signatureId"
        );
        assert!(
            listed("a,b\n1,2", Some("c"))
                .unwrap_err()
                .contains("the first line has: a, b")
        );
    }
}
