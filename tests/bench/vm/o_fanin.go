package main

import "fmt"

func main() {
	const N = 250000
	chans := [4]chan int{make(chan int), make(chan int), make(chan int), make(chan int)}
	for _, ch := range chans {
		ch := ch
		go func() {
			for i := 1; i <= N; i++ {
				ch <- i
			}
		}()
	}
	a, b, c, d := chans[0], chans[1], chans[2], chans[3]
	s := 0
	for i := 0; i < 4*N; i++ {
		select {
		case v := <-a:
			s += v
		case v := <-b:
			s += v
		case v := <-c:
			s += v
		case v := <-d:
			s += v
		}
	}
	fmt.Println(s)
}
