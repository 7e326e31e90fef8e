
CREATE TABLE IF NOT EXISTS omnicors.origin (
    -- Byte for byte, which does not depend on the version of the system's collations.
    origin text COLLATE "C" PRIMARY KEY
);
