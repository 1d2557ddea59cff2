//! Which language a person reads.

/// A language of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Language {
    #[default]
    English,
    Indonesian,
}

impl Language {
    /// Its code, as in `lang="id"`.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Indonesian => "id",
        }
    }

    /// The language of this code, or of a longer one such as `id-ID`. Java's `in` was Indonesian's until 1989.
    pub(crate) fn of(code: &str) -> Option<Self> {
        match code.split('-').next()?.trim().to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "id" | "in" => Some(Self::Indonesian),
            _ => None,
        }
    }

    /// The first that is wanted most of those there are, by an `Accept-Language` header; else English.
    pub(crate) fn accepted(header: &str) -> Self {
        let mut best = (0.0, Self::default());
        for range in header.split(',') {
            let (code, quality) = range.split_once(';').unwrap_or((range, "q=1"));
            let quality = quality
                .trim()
                .strip_prefix("q=")
                .and_then(|text| text.parse::<f32>().ok());
            if let (Some(language), Some(quality)) = (Self::of(code), quality)
                && quality > best.0
            {
                best = (quality, language);
            }
        }
        best.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_wanted_most_is_taken() {
        for (header, expected) in [
            ("", Language::English),
            ("fr", Language::English),
            ("id", Language::Indonesian),
            ("id-ID,id;q=0.9,en;q=0.8", Language::Indonesian),
            ("en;q=0.4, in ; q=0.5", Language::Indonesian),
            ("en,id", Language::English),
            ("fr, ID;q=0.2", Language::Indonesian),
            ("id;q=0, en;q=0", Language::English),
            ("id;q=x", Language::English),
        ] {
            assert_eq!(Language::accepted(header), expected, "{header}");
        }
    }
}
