use std::fmt::{self, Write as _};

/// The second argument of the triggers.
const EVERY_UPDATE: &str = "row";
const UPDATES_OF_ORIGIN: &str = "origin";

/// A table of your application that has a column with origins.
///
/// ```
/// use omnicors_postgres::OriginTable;
///
/// let table = OriginTable::new("tenants", "origin")
///     .in_schema("app")
///     .only_where("active AND deleted_at IS NULL");
/// assert_eq!(
///     table.to_string(),
///     r#""origin" of "app"."tenants" where active AND deleted_at IS NULL"#
/// );
/// ```
///
/// The column must have the type `text` or `varchar`, and an index, because each change and each lookup of an origin reads it. Rows in
/// which it is null are ignored; several rows may have the same origin. The table may be partitioned.
///
/// # Limits
///
/// Triggers see each change of the rows of this table, and nothing else. These changes are missed:
///
/// * A condition that becomes true or false without a change of the row, such as `expires_at > now()` or a subquery of another table.
/// * `DETACH PARTITION`, `ATTACH PARTITION` and `TRUNCATE` of a single partition, and changes through tables that inherit from it.
/// * `ALTER TABLE` with new values, such as `ALTER COLUMN origin TYPE text USING lower(origin)`.
/// * Changes of a partition while its triggers are disabled. Triggers of the whole table that are disabled, or that were disabled and
///   then enabled with `ENABLE TRIGGER`, are an error. After `ENABLE ALWAYS TRIGGER`, each server reads the whole table again.
///
/// After them, run `INSERT INTO omnicors.change (origin) VALUES (NULL)`: each server then reads the whole table again.
///
/// After the owner of a partitioned table has changed, run [`PostgresStore::migration`](crate::PostgresStore::migration) again. Otherwise
/// the new owner cannot create partitions.
///
/// A transaction that changes the table cannot be prepared with `PREPARE TRANSACTION`, because the trigger uses `NOTIFY`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginTable {
    schema: String,
    name: String,
    column: String,
    condition: Option<String>,
    ignored: Vec<String>,
}

impl OriginTable {
    /// Creates a table in the schema `public` from its name and that of the column. The names are exact: write them as
    /// `\d` in `psql` shows them, without quotes. [`OriginTable`] has an example.
    pub fn new(name: impl Into<String>, column: impl Into<String>) -> Self {
        Self {
            schema: "public".to_owned(),
            name: name.into(),
            column: column.into(),
            condition: None,
            ignored: Vec::new(),
        }
    }

    /// Sets the schema of the table. The default is `public`. [`OriginTable`] has an example.
    #[must_use]
    pub fn in_schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = schema.into();
        self
    }

    /// Sets a condition in SQL, which may use the columns of the row. Only the origins of rows for which it is true are in the
    /// store. [`OriginTable`] has an example, and says which conditions do not work.
    ///
    /// The condition becomes part of statements as it is. It must not come from a client.
    #[must_use]
    pub fn only_where(mut self, condition: impl Into<String>) -> Self {
        self.condition = Some(condition.into());
        self
    }

    /// Ignores updates of these columns, on which the condition does not depend.
    ///
    /// Without a condition, only updates of the column with the origin matter. With a condition, every update that changes the row does: each
    /// server then looks the origin up again. Name columns that change often, so that such updates cost nothing more.
    ///
    /// ```
    /// use omnicors_postgres::OriginTable;
    ///
    /// let table = OriginTable::new("tenants", "origin")
    ///     .only_where("active")
    ///     .ignore_updates_of(["last_seen_at", "request_count"]);
    /// ```
    ///
    /// Run [`PostgresStore::migration`](crate::PostgresStore::migration) after a change of the columns.
    #[must_use]
    pub fn ignore_updates_of<C: Into<String>>(
        mut self,
        columns: impl IntoIterator<Item = C>,
    ) -> Self {
        self.ignored.extend(columns.into_iter().map(Into::into));
        self
    }

    /// Returns the table of this package.
    pub(crate) fn own() -> Self {
        Self::new("origin", "origin").in_schema("omnicors")
    }

    /// Returns the name of the table with its schema, quoted.
    pub(crate) fn quoted(&self) -> String {
        format!("{}.{}", self.quoted_schema(), identifier(&self.name))
    }

    pub(crate) fn quoted_schema(&self) -> String {
        identifier(&self.schema)
    }

    /// Names the origins of the table.
    pub(crate) fn origins(&self) -> String {
        let (column, table) = (identifier(&self.column), self.quoted());
        match &self.condition {
            Some(condition) => format!("column {column} of {table} where {condition}"),
            None => format!("column {column} of {table}"),
        }
    }

    /// Returns the object identifier of the table as an expression.
    pub(crate) fn regclass(&self) -> String {
        format!("{}::pg_catalog.regclass", literal(&self.quoted()))
    }

    /// Returns the arguments of the triggers as literals.
    pub(crate) fn trigger_arguments(&self) -> Vec<String> {
        let mut arguments = self.arguments_without_ignored();
        if self.condition.is_some() {
            arguments.extend(self.ignored.iter().map(|column| literal(column)));
        }
        arguments
    }

    /// Returns the arguments of triggers that record all updates that matter, and possibly more.
    pub(crate) fn sufficient_trigger_arguments(&self) -> [Vec<String>; 2] {
        let every_update = vec![literal(&self.column), literal(EVERY_UPDATE)];
        [self.trigger_arguments(), every_update]
    }

    fn arguments_without_ignored(&self) -> Vec<String> {
        let updates = match self.condition {
            Some(_) => EVERY_UPDATE,
            None => UPDATES_OF_ORIGIN,
        };
        vec![literal(&self.column), literal(updates)]
    }

    /// Returns a query of the origins that are in the store, in a column `origin`.
    pub(crate) fn query(&self) -> String {
        let column = identifier(&self.column);
        let mut query = format!(
            "SELECT {column}::pg_catalog.text AS origin FROM {} WHERE {column} IS NOT NULL",
            self.quoted()
        );
        if let Some(condition) = &self.condition {
            // On lines of its own, so that a comment at its end does not hide the parenthesis.
            let _infallible = write!(query, " AND (\n{condition}\n)");
        }
        query
    }
}

/// Shows the column, the table and the condition.
impl fmt::Display for OriginTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", identifier(&self.column), self.quoted())?;
        match &self.condition {
            Some(condition) => write!(f, " where {condition}"),
            None => Ok(()),
        }
    }
}

/// Quotes an identifier, as the function `quote_ident` of PostgreSQL does, but always.
pub(crate) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Quotes a literal, as the function `quote_literal` of PostgreSQL does: independent of `standard_conforming_strings`.
pub(crate) fn literal(text: &str) -> String {
    let escaped = text.replace('\'', "''");
    if escaped.contains('\\') {
        format!(" E'{}'", escaped.replace('\\', "\\\\"))
    } else {
        format!("'{escaped}'")
    }
}
