// Package pool: database/sql with a driver that never answers.
package pool

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
	"sync"

	"example.com/held/witness"
)

type drv struct{}
type conn struct{ n int }
type stmt struct{ q string }
type rows struct{ left int }

func (drv) Open(name string) (driver.Conn, error)          { return &conn{}, nil }
func (c *conn) Prepare(q string) (driver.Stmt, error)      { return &stmt{q}, nil }
func (c *conn) Close() error                               { return nil }
func (c *conn) Begin() (driver.Tx, error)                  { return c, nil }
func (c *conn) Commit() error                              { return nil }
func (c *conn) Rollback() error                            { return nil }
func (s *stmt) Close() error                               { return nil }
func (s *stmt) NumInput() int                              { return 0 }
func (s *stmt) Exec([]driver.Value) (driver.Result, error) { return driver.RowsAffected(1), nil }
func (s *stmt) Query([]driver.Value) (driver.Rows, error)  { return &rows{2}, nil }
func (r *rows) Columns() []string                          { return []string{"id"} }
func (r *rows) Close() error                               { return nil }
func (r *rows) Next(dest []driver.Value) error {
	if r.left--; r.left < 0 {
		return io.EOF
	}
	dest[0] = int64(r.left)
	return nil
}

var reg sync.Once

func Open(max int) *sql.DB {
	reg.Do(func() { sql.Register("held", drv{}) })
	db, err := sql.Open("held", "x")
	if err != nil {
		panic(err)
	}
	db.SetMaxOpenConns(max)
	return db
}

// Each calls f for every row, with the connection taken.
func Each(db *sql.DB, q string, f func(id int64)) error {
	rs, err := db.QueryContext(context.Background(), q)
	if err != nil {
		return err
	}
	defer rs.Close()
	for rs.Next() {
		var id int64
		if err := rs.Scan(&id); err != nil {
			return err
		}
		f(id)
	}
	return rs.Err()
}

// Repo has a lock around its transactions.
type Repo struct {
	db *sql.DB
	mu sync.Mutex
	n  int
}

func NewRepo(db *sql.DB) *Repo {
	r := &Repo{db: db}
	witness.Obj("Repo.mu", "Mutex", &r.mu)
	return r
}

func (r *Repo) Save(ctx context.Context, q string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	tx, err := r.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	r.n++
	if _, err := tx.Exec(q); err != nil {
		return err
	}
	return tx.Commit()
}

func (r *Repo) Saved() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.n
}
